using MadgNet.Cli.Output;
using MadgNet.Core.Data;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Reporting;

namespace MadgNet.Cli.Commands;

/// <summary>
/// Writes which images train and which validate into the folder of the run, once the run has taken it. A file that says something else is
/// kept under another name.
/// </summary>
internal sealed class SplitFile(DatasetSplit split, string folder, CommandOutput output) : ITrainingObserver
{
    public void RunStarted(TrainingRun run)
    {
        string path = Path.Combine(folder, RunFolder.SplitFileName);
        if (File.Exists(path))
        {
            if (SaysTheSame(path))
            {
                return;
            }

            output.Note($"{path} was of another run or yours: it is now {KeptFile.SetAside(path)}.");
        }

        split.Save(path);
    }

    private bool SaysTheSame(string path)
    {
        try
        {
            var other = DatasetSplit.Load(path);
            return other.Parts.SequenceEqual(split.Parts, StringComparer.Ordinal)
                && other.Parts.All(part => other.NamesOf(part).SequenceEqual(split.NamesOf(part), StringComparer.Ordinal));
        }
        catch (DatasetException)
        {
            // No split at all, and so another's file.
            return false;
        }
    }
}
