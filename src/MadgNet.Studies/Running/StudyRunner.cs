using System.Diagnostics;
using MadgNet.Core.Training;
using MadgNet.Studies.Cells;
using MadgNet.Studies.Data;
using MadgNet.Studies.Recipes;
using Microsoft.Extensions.Logging;

namespace MadgNet.Studies.Running;

/// <summary>
/// Runs the cells of a study into a folder: one after another, each in a folder of its own, those that are there already left as they are.
/// </summary>
/// <remarks>
/// A run may be killed at any moment and begun again: cells that were done stay, the cell that was being trained goes on from its
/// checkpoint and comes to the same result, bit for bit. Several processes, on one machine or several, may run one study into one folder,
/// or
/// into folders of their own that a report puts together. A cell that fails is a result as well: its error is kept, and the others go on.
/// </remarks>
public sealed partial class StudyRunner
{
    /// <summary>The name of the file with the study, in a folder of results.</summary>
    public const string StudyFileName = StudyFolder.StudyName;

    private readonly Study _study;
    private readonly StudyRunOptions _options;
    private readonly StudyFolder _folder;
    private readonly StudyData _data;

    /// <summary>Creates a runner. Nothing is written yet.</summary>
    /// <param name="study">The study.</param>
    /// <param name="options">Where its data are, where its results go, and which part of it is run.</param>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    /// <exception cref="StudyException">The study is invalid, sets are missing, or the folder holds results of other settings; lists all
    /// problems.</exception>
    public StudyRunner(Study study, StudyRunOptions options)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(options);
        List<Problem> problems = [.. options.Validate()];
        if (string.IsNullOrWhiteSpace(options.OutputFolder) || File.Exists(options.OutputFolder))
        {
            problems.Add(new Problem(
                nameof(options.OutputFolder),
                $"'{options.OutputFolder}'",
                "the path of a folder",
                "Choose a folder; it is created when absent"));
        }

        InvalidOptionsException.ThrowIfAny(nameof(StudyRunner), problems);
        StudyException.ThrowIfAny(
            study.Name, [.. study.Validate(), .. study.ValidateRecipes(options.Registry), .. ValidateStart(study, options)]);
        _folder = new StudyFolder(options.OutputFolder);
        _study = Together(study, _folder.FindStudy(), options.OutputFolder);
        _options = options;
        _data = new StudyData(options.Data, study);
        Cells = options.Shard.Of(study.Cells);
        CheckCells(study);
    }

    /// <summary>The study with everything that its folder holds of it: variants and seeds that were run before stay.</summary>
    public Study Study => _study;

    /// <summary>The cells that this runner runs: those of its shard.</summary>
    public IReadOnlyList<StudyCellKey> Cells { get; }

    /// <summary>Runs what is left.</summary>
    /// <param name="progress">Receives a report after every step and cell; null for none.</param>
    /// <param name="cancellationToken">Ends the run within one step; the same call goes on.</param>
    /// <returns>The cells of this runner that are done or failed, in order; cells that another process was running are not among
    /// them.</returns>
    /// <exception cref="IOException">A result cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public IReadOnlyList<StudyCell> Run(IProgress<StudyProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        Directory.CreateDirectory(_folder.Root);
        _study.Save(_folder.StudyPath);
        var runner = new CellRunner(_study, _data, _options);
        var results = new List<StudyCell>();
        long begin = Stopwatch.GetTimestamp();
        int ended = 0;
        StudyCellKey[] open = [.. Cells.Where(key => !IsSettled(_folder.Find(key)))];
        int settled = Cells.Count - open.Length;
        foreach (StudyCellKey key in open)
        {
            cancellationToken.ThrowIfCancellationRequested();
            StudyProgress Now(bool cellEnded, TrainingProgress? training, string? error) => new()
            {
                Done = settled + ended,
                Total = Cells.Count,
                Cell = key,
                CellEnded = cellEnded,
                Training = training,
                Error = error,
                Elapsed = Stopwatch.GetElapsedTime(begin),
                Remaining = Remaining(Stopwatch.GetElapsedTime(begin), ended, open.Length, training),
            };
            progress?.Report(Now(cellEnded: false, null, null));
            Directory.CreateDirectory(_folder.CellFolder(key));
            using FileStream? ours = TryLock(_folder.LockPath(key));
            if (ours is null)
            {
                BeingRun(_options.Logger, key.ToString());
                continue;
            }

            // Another process may have ended it since.
            if (!IsSettled(_folder.Find(key)))
            {
                var forward = progress is null
                    ? null
                    : new Forward(training => progress.Report(Now(cellEnded: false, training, null)));
                StudyCell cell = RunCell(runner, key, forward, cancellationToken);
                cell.Save(_folder.CellPath(key));
                _options.Probe?.Invoke("saved");
                if (!_options.KeepRuns && Directory.Exists(_folder.RunFolder(key)))
                {
                    Directory.Delete(_folder.RunFolder(key), recursive: true);
                }
            }

            ended++;
            progress?.Report(Now(cellEnded: true, null, _folder.Find(key)?.Error));
        }

        foreach (StudyCellKey key in Cells)
        {
            if (_folder.Find(key) is { } cell)
            {
                results.Add(cell);
            }
        }

        return results;
    }

    /// <summary>The study of a folder together with what is run now: everything that both have has to be the same.</summary>
    private static Study Together(Study study, Study? before, string output)
    {
        if (before is null)
        {
            return study;
        }

        var problems = new List<Problem>();
        if (before.Name != study.Name)
        {
            problems.Add(new Problem(
                output, $"results of the study '{before.Name}'", $"a folder of '{study.Name}', or an empty one", "Choose another folder"));
        }

        if (before.Baseline != study.Baseline)
        {
            problems.Add(new Problem(
                output, $"results with the baseline '{before.Baseline}'", $"'{study.Baseline}'", "Choose another folder"));
        }

        foreach (StudyVariant variant in study.Variants)
        {
            StudyVariant? same = before.Variants.FirstOrDefault(candidate => candidate.Name == variant.Name);
            if (same is not null && StudyFingerprint.Of(before, same) != StudyFingerprint.Of(study, variant))
            {
                problems.Add(new Problem(
                    output,
                    $"results of '{variant.Name}' with other settings ({Difference(before, same, study, variant)})",
                    "the same recipe, protocol, budget and metrics as before",
                    "Give the same options as before, or choose another folder"));
            }
        }

        StudyException.ThrowIfAny(output, problems);
        return study with
        {
            Variants = [.. study.Variants, .. before.Variants.Where(old => study.Variants.All(variant => variant.Name != old.Name))],
            Seeds = [.. before.Seeds.Union(study.Seeds).Order()],
        };
    }

    private static IEnumerable<Problem> ValidateStart(Study study, StudyRunOptions options)
    {
        if (study.Start != Study.FreshStart && !options.Pretrained.ContainsKey(study.Start))
        {
            yield return new Problem(
                "start",
                $"'{study.Start}'",
                string.Join(", ", options.Pretrained.Keys.Order(StringComparer.Ordinal).Prepend(Study.FreshStart)),
                "Choose one of them (--start), or hand its weights over in StudyRunOptions.Pretrained");
        }
    }

    /// <summary>In what two settings of a variant differ, in one word for each part.</summary>
    private static string Difference(Study before, StudyVariant old, Study study, StudyVariant variant)
    {
        var parts = new List<string>();
        string oldRecipe = MergePatch.Canonical(before.RecipeOf(old));
        string newRecipe = MergePatch.Canonical(study.RecipeOf(variant));
        if (oldRecipe != newRecipe)
        {
            parts.Add($"recipe {oldRecipe} before, {newRecipe} now");
        }

        string oldProtocol = MergePatch.Canonical(StudyJson.ToNode(before.ProtocolOf(old)));
        if (oldProtocol != MergePatch.Canonical(StudyJson.ToNode(study.ProtocolOf(variant)))
            || !before.TrainOf(old).SequenceEqual(study.TrainOf(variant)))
        {
            parts.Add("protocol");
        }

        if (before.Start != study.Start)
        {
            parts.Add($"start {before.Start} before, {study.Start} now");
        }

        if (before.Budget != study.Budget)
        {
            parts.Add($"budget {before.Budget} before, {study.Budget} now");
        }

        if (!before.Metrics.SequenceEqual(study.Metrics))
        {
            parts.Add("metrics");
        }

        return string.Join("; ", parts);
    }

    private static TimeSpan? Remaining(TimeSpan elapsed, int ended, int total, TrainingProgress? training)
    {
        double share = training is { TotalSteps: > 0 } ? (double)training.StepsDone / training.TotalSteps : 0;
        double done = ended + (0.8 * share);
        return done > 0.1 ? elapsed * ((total - done) / done) : null;
    }

    /// <summary>Holds a cell for this process; null where another one holds it.</summary>
    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
            });
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The cell {Cell} is being run by another process, and left to it.")]
    private static partial void BeingRun(ILogger logger, string cell);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The cell {Cell} failed, and the study goes on: {Reason}")]
    private static partial void CellFailed(ILogger logger, string cell, string reason, Exception exception);

    private bool IsSettled(StudyCell? cell) =>
        cell is not null && (cell.Status == CellStatus.Done || !_options.RetryFailed);

    /// <summary>Refuses a folder whose cells were made with other settings.</summary>
    private void CheckCells(Study study)
    {
        var problems = new List<Problem>();
        foreach (StudyCellKey key in Cells)
        {
            StudyVariant variant = study.Variants.First(candidate => candidate.Name == key.Variant);
            if (_folder.Find(key) is { } cell && cell.Fingerprint != StudyFingerprint.Of(study, variant))
            {
                problems.Add(new Problem(
                    _folder.CellPath(key),
                    "a cell that was made with other settings",
                    "one of this study",
                    "Remove it, or choose another folder"));
            }
        }

        StudyException.ThrowIfAny(_options.OutputFolder, problems);
    }

    private StudyCell RunCell(
        CellRunner runner, StudyCellKey key, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        try
        {
            return runner.Run(key, _folder.RunFolder(key), progress, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            CellFailed(_options.Logger, key.ToString(), exception.Message, exception);
            StudyVariant variant = _study.Variants.First(candidate => candidate.Name == key.Variant);
            return new StudyCell
            {
                Study = _study.Name,
                Key = key,
                Fingerprint = StudyFingerprint.Of(_study, variant),
                Data = "",
                Status = CellStatus.Failed,
                Error = exception is MadgNetException ? exception.Message : $"{exception.GetType().Name}: {exception.Message}",
            };
        }
    }

    private sealed class Forward(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
