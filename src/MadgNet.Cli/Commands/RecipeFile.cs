using MadgNet.Cli.Output;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Recipes;
using MadgNet.Core.Training.Reporting;

namespace MadgNet.Cli.Commands;

/// <summary>
/// Writes what the run is made of into its folder, once the run has taken it: <c>--config</c> reads it. A file that says something else
/// is kept under another name.
/// </summary>
internal sealed class RecipeFile(Recipe recipe, string folder, CommandOutput output) : ITrainingObserver
{
    public void RunStarted(TrainingRun run)
    {
        string path = Path.Combine(folder, RunFolder.RecipeFileName);

        // Whether a run goes on is no part of what it is made of.
        Recipe kept = recipe.WithTrainer(trainer => trainer with { Resume = ResumeMode.Never });
        if (File.Exists(path))
        {
            if (RegularFile.ReadAllText(path).TrimEnd() == kept.ToJson())
            {
                return;
            }

            output.Note($"{path} said something else: that one is now {Path.GetFileName(KeptFile.SetAside(path))}");
        }

        kept.Save(path);
    }
}
