using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models;
using MadgNet.Core.Runtime;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Reporting;

/// <summary>
/// Makes the folder of a run tell by itself what it is and how to repeat it: <c>manifest.json</c> (see
/// <see cref="RunManifest"/>), the model card <c>MODEL.md</c>, and the cases of the best validation as
/// <c>best-validation.csv</c> and <c>best-validation.json</c>.
/// </summary>
/// <remarks>
/// The manifest is there from the first moment, so that a run that is killed can be told from one that ended. A run that goes
/// on adds a session to it. Files are replaced whole; one that cannot be written is logged and tried again after the next epoch. A file
/// of one of these names that the run did not write, or a card that somebody changed, is kept as <c>MODEL.earlier-1.md</c>.
/// </remarks>
public sealed class RunFolder : ITrainingObserver
{
    /// <summary>The name of the model card in the folder.</summary>
    public const string CardFileName = "MODEL.md";

    /// <summary>The name of the file with every case of the best validation.</summary>
    public const string CasesFileName = "best-validation.csv";

    /// <summary>The name of the file with the whole evaluation of the best validation, which reports are made of.</summary>
    public const string EvaluationFileName = "best-validation.json";

    /// <summary>The name of the file with the recipe, where one is kept (see <see cref="Recipes.Recipe.Save"/>).</summary>
    public const string RecipeFileName = "recipe.json";

    /// <summary>The name of the file that says which images train and which validate, where one is kept.</summary>
    public const string SplitFileName = "split.csv";

    /// <summary>The name of the page on the run, where one is made.</summary>
    public const string ReportFileName = "report.html";

    private readonly RunFolderOptions _options;
    private readonly ILogger _logger;
    private TrainingRun? _run;
    private string _folder = "";
    private RunManifest? _manifest;
    private EvaluationReport? _best;
    private double? _bestThreshold;
    private bool _casesWritten = true;
    private long _steps;
    private int _epochs;

    /// <summary>Creates the observer.</summary>
    /// <param name="options">What is written beside what it sees itself; null for nothing.</param>
    /// <param name="logger">Receives what cannot be written; null for nowhere.</param>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public RunFolder(RunFolderOptions? options = null, ILogger? logger = null)
    {
        _options = options ?? new RunFolderOptions();
        InvalidOptionsException.ThrowIfAny(nameof(RunFolder), _options.Validate());
        _logger = logger ?? NullLogger.Instance;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOptionsException">Neither the observer nor the run has a folder.</exception>
    public void RunStarted(TrainingRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        _folder = RunFiles.Folder(_options.Folder, null, run, nameof(RunFolder));
        (_run, _steps, _epochs) = (run, run.StepsDone, run.EpochsDone);
        (_best, _bestThreshold, _casesWritten) = (null, null, true);
        bool resumed = run.StepsDone > 0 || run.EpochsDone > 0;
        RunManifest? earlier = resumed ? Earlier() : null;
        _manifest = new RunManifest
        {
            Name = _options.Name ?? earlier?.Name,
            Command = _options.Command ?? earlier?.Command,
            Notes = Merge(earlier?.Notes, _options.Notes),
            WeightSeed = _options.WeightSeed ?? earlier?.WeightSeed,
            Seed = run.Training.Options.Seed,
            InitialWeights = resumed ? earlier?.InitialWeights : Digest(run.Model),
            Model = ManifestModel.Of(run.Model),
            Parameters = run.Model.ParameterCount,
            Trainer = SettingsText.Of(run.Options),
            TrainingLoader = SettingsText.Of(run.Training.Options),
            ValidationLoader = run.Validation is null ? null : SettingsText.Of(run.Validation.Options),
            Data =
            [
                ManifestData.Of("training", run.Training.Dataset),
                .. run.Validation is null ? Array.Empty<ManifestData>() : [ManifestData.Of("validation", run.Validation.Dataset)],
            ],
            Sessions = [.. earlier?.Sessions ?? [], Session(run)],
            Warnings = earlier?.Warnings ?? [],
            BestEpoch = earlier?.BestEpoch ?? 0,
            BestScore = earlier?.BestScore,
            BestMonitored = earlier?.BestMonitored,
            LastLoss = earlier?.LastLoss,
            Card = earlier?.Card,
        };
        if (!resumed)
        {
            Keep(RunManifest.FileName);
            Keep(CasesFileName);
        }

        SaveManifest();
    }

    /// <inheritdoc/>
    public void StepCompleted(StepReport step)
    {
        ArgumentNullException.ThrowIfNull(step);
        _steps = step.Step;
    }

    /// <inheritdoc/>
    public void ValidationCompleted(ValidationReport validation)
    {
        ArgumentNullException.ThrowIfNull(validation);
        if (_manifest is null || _run is null || validation.Ema)
        {
            return;
        }

        double monitored = validation.Score.Monitored;
        if (BestSoFar.IsBetter(_run.Options.Monitor, monitored, _manifest.BestMonitored))
        {
            _manifest = _manifest with { BestEpoch = validation.Epoch, BestScore = validation.Score, BestMonitored = monitored };
            _best = validation.Report;
            _bestThreshold = _run.Model.Threshold;
            _casesWritten = false;
        }
    }

    /// <inheritdoc/>
    public void EpochCompleted(EpochRecord epoch)
    {
        ArgumentNullException.ThrowIfNull(epoch);
        _epochs = epoch.Epoch;
        if (_manifest is null)
        {
            return;
        }

        _manifest = _manifest with { LastLoss = epoch.Loss };
        Update(session => session);
        SaveAll();
    }

    /// <inheritdoc/>
    public void Warned(TrainingWarning warning)
    {
        ArgumentNullException.ThrowIfNull(warning);
        if (_manifest is not null)
        {
            _manifest = _manifest with
            {
                Warnings = [
                    .. _manifest.Warnings,
                    new ManifestWarning(warning.Kind, warning.Epoch, warning.Step, warning.Problem.ToString())
                ]
            };
            SaveManifest();
        }
    }

    /// <inheritdoc/>
    public void RunEnded(TrainingRunEnd end)
    {
        ArgumentNullException.ThrowIfNull(end);
        if (_manifest is null)
        {
            return;
        }

        Update(session => session with { Ended = DateTimeOffset.UtcNow, Reason = end.Reason, Error = end.Error?.Message });
        SaveAll();
        (_run, _manifest) = (null, null);
    }

    private static Dictionary<string, string> Merge(IReadOnlyDictionary<string, string>? earlier, IReadOnlyDictionary<string, string> now)
    {
        var merged = new Dictionary<string, string>(earlier ?? new Dictionary<string, string>());
        foreach ((string key, string value) in now)
        {
            merged[key] = value;
        }

        return merged;
    }

    private static ManifestSession Session(TrainingRun run) => new()
    {
        Started = DateTimeOffset.UtcNow,
        StepsBefore = run.StepsDone,
        StepsAfter = run.StepsDone,
        EpochsAfter = run.EpochsDone,
        Machine = Environment.MachineName,
        OperatingSystem = RuntimeInformation.OSDescription,
        Processors = Environment.ProcessorCount,
        Runtime = NativeRuntime.Describe(),
        Device = run.Model.Device.ToString(),
        Precision = run.Precision,
    };

    /// <summary>The digest of all weights, by their names in order, so that a repetition can be told from a like run.</summary>
    private static string Digest(SegmentationModel model)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, Tensor tensor) in model.state_dict().OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            digest.AppendData(Encoding.UTF8.GetBytes(name));
            using Tensor values = tensor.detach().cpu().contiguous();
            digest.AppendData(values.bytes);
        }

        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    private RunManifest? Earlier()
    {
        if (!File.Exists(Path.Combine(_folder, RunManifest.FileName)))
        {
            return null;
        }

        try
        {
            return RunManifest.Load(_folder);
        }
        catch (TrainingException exception)
        {
            _logger.LogWarning(exception, "The manifest of the run's earlier part cannot be read and is written anew");
            return null;
        }
    }

    private void Update(Func<ManifestSession, ManifestSession> change) => _manifest = _manifest! with
    {
        Sessions = [.. _manifest.Sessions.SkipLast(1), change(_manifest.Sessions[^1] with { StepsAfter = _steps, EpochsAfter = _epochs })],
    };

    private void SaveAll()
    {
        SaveManifest();
        if (!_casesWritten && _best is not null)
        {
            _casesWritten = Try(CasesFileName, path => _best.SaveCsv(path)) & Try(EvaluationFileName, path => _best.SaveJson(path));
        }

        string card = ModelCard.ToMarkdown(_manifest!, _best, _best is null ? _run!.Model.Threshold : _bestThreshold, _options);
        byte[] content = Encoding.UTF8.GetBytes(card);
        string digest = Convert.ToHexStringLower(SHA256.HashData(content));
        bool written = Try(CardFileName, path =>
        {
            if (File.Exists(path) && Convert.ToHexStringLower(SHA256.HashData(RegularFile.ReadAllBytes(path))) != _manifest!.Card)
            {
                Keep(CardFileName);
            }

            AtomicFile.Write(path, content.Length, stream => stream.Write(content));
        });
        if (written && _manifest!.Card != digest)
        {
            _manifest = _manifest with { Card = digest };
            SaveManifest();
        }
    }

    /// <summary>A file that this run did not write keeps its content under another name.</summary>
    private void Keep(string name) => Try(name, path =>
    {
        if (KeptFile.SetAside(path) is { } kept)
        {
            _logger.LogWarning("'{Path}' was not written by this run: it is now '{Kept}'", path, kept);
        }
    });

    private void SaveManifest() => Try(RunManifest.FileName, path => _manifest!.Save(path));

    private bool Try(string name, Action<string> write)
    {
        try
        {
            Directory.CreateDirectory(_folder);
            write(Path.Combine(_folder, name));
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _logger.LogWarning(exception, "Cannot write '{Name}' of the run folder; training goes on and writing is tried again", name);
            return false;
        }
    }
}
