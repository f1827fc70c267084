using MadgNet.Core.Inference;
using MadgNet.Core.Metrics;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Reporting;
using MadgNet.Reports.Pages;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MadgNet.Reports;

/// <summary>
/// Writes the page of a training run when it ends: what <see cref="TrainingPage"/> makes of the run's folder, with pictures of validation
/// cases by the best weights.
/// </summary>
/// <remarks>
/// The page is made of the files that <see cref="RunFolder"/> and <see cref="HistoryWriter"/> write: both stand before this one in
/// <see cref="TrainerOptions.Observers"/>. A run that was cancelled or failed has a page, too, without pictures. What cannot be written
/// or drawn is logged; it does not end the training.
/// </remarks>
/// <example>
/// <code>
/// var options = new TrainerOptions
/// {
///     OutputFolder = "runs/first",
///     Observers = [new HistoryWriter(), new RunFolder(), new ReportWriter()],
/// };
/// </code>
/// </example>
public sealed class ReportWriter : ITrainingObserver
{
    /// <summary>The name of the page in the run's output folder.</summary>
    public const string FileName = "report.html";

    private readonly ReportWriterOptions _options;
    private readonly ILogger _logger;
    private TrainingRun? _run;

    /// <summary>Creates the writer.</summary>
    /// <param name="options">What is written, and where; null for the defaults.</param>
    /// <param name="logger">Receives what cannot be written or drawn; null for nowhere.</param>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public ReportWriter(ReportWriterOptions? options = null, ILogger? logger = null)
    {
        _options = options ?? new ReportWriterOptions();
        InvalidOptionsException.ThrowIfAny(nameof(ReportWriter), _options.Validate());
        _logger = logger ?? NullLogger.Instance;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOptionsException">The run has no output folder, or no <see cref="RunFolder"/> before this
    /// observer.</exception>
    public void RunStarted(TrainingRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var problems = new List<Problem>();
        if (run.Options.OutputFolder is null)
        {
            problems.Add(new Problem(
                nameof(TrainerOptions.OutputFolder),
                "none",
                "the folder of the run, which the page is made of",
                "Set TrainerOptions.OutputFolder"));
        }

        if (!run.Options.Observers.TakeWhile(observer => observer != this).OfType<RunFolder>().Any())
        {
            problems.Add(new Problem(
                nameof(TrainerOptions.Observers),
                "no RunFolder before the ReportWriter",
                "a RunFolder, whose files the page is made of",
                "Add new RunFolder() to TrainerOptions.Observers, before the ReportWriter"));
        }

        InvalidOptionsException.ThrowIfAny(nameof(ReportWriter), problems);
        _run = run;
    }

    /// <inheritdoc/>
    public void RunEnded(TrainingRunEnd end)
    {
        ArgumentNullException.ThrowIfNull(end);
        if (_run is not { } run)
        {
            return;
        }

        _run = null;
        string folder = run.Options.OutputFolder!;
        string path = _options.Path ?? Path.Combine(folder, FileName);
        MeasuredCases? measured = Measure(run, end.Result);
        try
        {
            TrainingPage.Create(folder, measured?.Report, measured?.Curves, measured?.Pictures).Save(path);
        }
        catch (Exception exception) when (exception is MadgNetException or IOException or UnauthorizedAccessException)
        {
            _logger.LogWarning(exception, "Cannot write the run's page '{Path}'", path);
        }
    }

    /// <summary>The validation images by the best weights; null where there are none, or where they cannot be had.</summary>
    private MeasuredCases? Measure(TrainingRun run, TrainingResult? result)
    {
        if (_options.Cases == 0 || run.Validation is null || result?.BestCheckpoint is not { } best)
        {
            return null;
        }

        try
        {
            using var predictor = Predictor.Load(best, device: run.Model.Device, registry: _options.Registry);
            var options = new EvaluatorOptions
            {
                SetName = "validation",
                LabelNames = run.Model.LabelNames.Count == run.Model.Labels ? run.Model.LabelNames : null,
                Metrics = new MetricOptions { Threshold = predictor.Thresholds[0] },
            };
            return MeasuredCases.Of(predictor, run.Validation.Dataset, options, _options.Cases, _options.Channels);
        }
        catch (Exception exception) when (exception is MadgNetException or IOException or ArgumentException)
        {
            _logger.LogWarning(exception, "The run's page has no pictures: the validation images could not be measured by '{Path}'", best);
            return null;
        }
    }
}
