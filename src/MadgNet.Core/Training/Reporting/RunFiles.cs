namespace MadgNet.Core.Training.Reporting;

/// <summary>Where the observers of a run keep their files.</summary>
internal static class RunFiles
{
    /// <summary>The folder that was asked for, or else the run's own, or a folder within it.</summary>
    /// <exception cref="InvalidOptionsException">There is neither.</exception>
    public static string Folder(string? asked, string? within, TrainingRun run, string observer)
    {
        if (asked is not null)
        {
            return asked;
        }

        if (run.Options.OutputFolder is { } output)
        {
            return within is null ? output : Path.Combine(output, within);
        }

        throw new InvalidOptionsException(observer, [new Problem(
            "Folder",
            "no folder, in a run without an output folder",
            "a folder to write to",
            $"Set TrainerOptions.OutputFolder, or the folder in the options of the {observer}")]);
    }
}
