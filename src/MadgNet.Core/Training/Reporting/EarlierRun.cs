using System.Globalization;
using MadgNet.Core.Training.Checkpoints;
using Microsoft.Extensions.Logging;

namespace MadgNet.Core.Training.Reporting;

/// <summary>What an earlier training left in a run folder.</summary>
public static class EarlierRun
{
    private const string Name = "earlier-";

    private static readonly string[] Weights =
        [Trainer.BestFileName, Trainer.LastFileName, Trainer.BestEmaFileName, Trainer.LastEmaFileName];

    private static readonly string[] Reports =
    [
        RunManifest.FileName, RunFolder.CardFileName, RunFolder.CasesFileName, RunFolder.EvaluationFileName, RunFolder.RecipeFileName,
        RunFolder.SplitFileName, RunFolder.ReportFileName, TensorBoardWriter.FolderName,
    ];

    /// <summary>The weights, checkpoints and manifest of a run that are in a folder.</summary>
    /// <param name="folder">The folder; it may be missing.</param>
    /// <returns>Their names in it; empty where no run was there.</returns>
    public static IReadOnlyList<string> Find(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string checkpoints = Path.Combine(folder, CheckpointFolder.Name);
        return
        [
            .. Weights.Append(RunManifest.FileName).Where(name => File.Exists(Path.Combine(folder, name))),
            .. Directory.Exists(checkpoints) && Directory.EnumerateFileSystemEntries(checkpoints).Any()
                ? [CheckpointFolder.Name]
                : Array.Empty<string>(),
        ];
    }

    /// <summary>
    /// Moves what a run left into the next free folder <c>earlier-1</c>, <c>earlier-2</c>, … in its folder, where no later run touches it:
    /// weights, checkpoints, manifest, card, history, events, recipe, split and page. What a run writes beside them, it writes once it has
    /// begun (<see cref="ITrainingObserver.RunStarted"/>), or it is moved too.
    /// </summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="logger">Is told where it went.</param>
    /// <returns>The folder that it was moved to; null where no run was there.</returns>
    /// <exception cref="IOException">Something cannot be moved; what was moved before is in the new folder.</exception>
    /// <exception cref="UnauthorizedAccessException">Something may not be moved.</exception>
    public static string? SetAside(string folder, ILogger logger)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(logger);
        if (Find(folder).Count == 0)
        {
            return null;
        }

        string[] names = [.. Weights, CheckpointFolder.Name, .. Reports, .. HistoryWriter.FileNames];
        string target = Create(folder);
        foreach (string name in names.Distinct(StringComparer.Ordinal))
        {
            string path = Path.Combine(folder, name);
            if (Directory.Exists(path))
            {
                Directory.Move(path, Path.Combine(target, name));
            }
            else if (File.Exists(path))
            {
                File.Move(path, Path.Combine(target, name), overwrite: false);
            }
        }

        logger.LogWarning("What an earlier run left in {Folder} was moved to {Target}", folder, target);
        return target;
    }

    private static string Create(string folder)
    {
        for (int number = 1; ; number++)
        {
            string target = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{Name}{number}"));
            if (!Path.Exists(target))
            {
                Directory.CreateDirectory(target);
                return target;
            }
        }
    }
}
