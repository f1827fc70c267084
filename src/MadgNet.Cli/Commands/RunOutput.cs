using MadgNet.Cli.CommandLine;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Reporting;

namespace MadgNet.Cli.Commands;

/// <summary>The folder of a training run: what may be in it, and what is kept.</summary>
internal static class RunOutput
{
    /// <summary>Refuses a folder that the run would destroy something in. Nothing is changed yet.</summary>
    /// <param name="folder">What <c>--output</c> says.</param>
    /// <param name="resume">Whether <c>--resume</c> was given.</param>
    /// <param name="overwrite">Whether <c>--overwrite</c> was given.</param>
    /// <param name="inputs">The files and folders that the run reads, with their options; null where one was not given.</param>
    /// <returns>Whether the run goes on with an earlier one.</returns>
    /// <exception cref="UsageException">A run is in the folder, and neither option says what becomes of it.</exception>
    /// <exception cref="OutputException">A file of the run is one that it reads, or the folder is no folder, or within one that is
    /// read.</exception>
    public static ResumeMode Check(
        string folder, bool resume, bool overwrite, params IReadOnlyList<(string Option, string? Path)> inputs)
    {
        if (resume && overwrite)
        {
            throw new UsageException(new Problem(
                "--overwrite", "also --resume", "one of the two", "Go on with the earlier run, or begin one of its own"));
        }

        var plan = new OutputPlan();
        foreach ((string option, string? path) in inputs.Where(input => Directory.Exists(input.Path)))
        {
            plan.ReadFolder(path!, option);
        }

        plan.WriteFolder(folder, "--output");
        plan.ThrowIfRefused();
        foreach ((string option, string? path) in inputs.Where(input => File.Exists(input.Path)))
        {
            plan.ReadFile(path!, option);
        }

        bool keepsSplit = resume && File.Exists(Path.Combine(folder, RunFolder.SplitFileName));
        foreach (string name in new[]
        {
            Trainer.BestFileName, Trainer.LastFileName, Trainer.BestEmaFileName, Trainer.LastEmaFileName, RunManifest.FileName,
            RunFolder.CasesFileName, RunFolder.EvaluationFileName, RunFolder.CardFileName, RunFolder.ReportFileName,
            keepsSplit ? null : RunFolder.SplitFileName,
        }.OfType<string>())
        {
            plan.Write(Path.Combine(folder, name), "--output");
        }

        plan.ThrowIfRefused();
        IReadOnlyList<string> earlier = EarlierRun.Find(folder);
        return resume || overwrite || earlier.Count == 0
            ? resume ? ResumeMode.Extend : ResumeMode.Never
            : throw new UsageException(new Problem(
                "--output",
                $"'{folder}', where an earlier run left {string.Join(", ", earlier)}",
                "a folder without a run, or a word about what becomes of it",
                "Choose another folder, go on with --resume, or begin anew with --overwrite, which keeps the earlier run in a folder "
                    + "earlier-1, earlier-2 and so on"));
    }
}
