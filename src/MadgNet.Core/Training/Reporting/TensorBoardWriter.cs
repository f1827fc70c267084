using System.Runtime.InteropServices;
using MadgNet.Core.Imaging;
using MadgNet.Core.Losses;
using MadgNet.Core.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Reporting;

/// <summary>
/// Writes a run for TensorBoard: losses by stage and task, learning rate, norms and speed by step, validation scores, the
/// distribution of weights and gradients, and pictures of validation images with truth and prediction.
/// </summary>
/// <remarks>
/// Look at it with <c>tensorboard --logdir runs</c>. A run that goes on begins another event file, in which it tells
/// TensorBoard to forget what earlier files say of the steps that are taken again. All events count optimizer steps, those of
/// epochs too. Where the disk is full, events are given up and training goes on.
/// <para>TensorBoard is not needed for writing: the format is written here, picture files included.</para>
/// </remarks>
public sealed class TensorBoardWriter : ITrainingObserver
{
    /// <summary>The name of the folder of events in a run folder.</summary>
    public const string FolderName = "tensorboard";

    private const int Gap = 4;
    private readonly TensorBoardOptions _options;
    private readonly ILogger _logger;
    private EventFile? _file;
    private TrainingRun? _run;
    private long _step;
    private int _stepsPerEpoch;
    private int _histogramsOf;

    /// <summary>Creates the writer; a file appears with the run's first event.</summary>
    /// <param name="options">What is written, and where; null for the defaults.</param>
    /// <param name="logger">Receives what cannot be written; null for nowhere.</param>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public TensorBoardWriter(TensorBoardOptions? options = null, ILogger? logger = null)
    {
        _options = options ?? new TensorBoardOptions();
        InvalidOptionsException.ThrowIfAny(nameof(TensorBoardWriter), _options.Validate());
        _logger = logger ?? NullLogger.Instance;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOptionsException">Neither the writer nor the run has a folder.</exception>
    public void RunStarted(TrainingRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        _file?.Dispose();
        _run = run;
        _step = run.StepsDone;
        _histogramsOf = 0;
        _stepsPerEpoch = (run.Training.BatchCount + run.Options.AccumulationSteps - 1) / run.Options.AccumulationSteps;
        _file = new EventFile(RunFiles.Folder(_options.Folder, FolderName, run, nameof(TensorBoardWriter)), run.StepsDone + 1, _logger);
        var settings = new ReportTable(null, "setting", "value");
        foreach ((string key, string value) in SettingsText.Of(run.Options))
        {
            settings.Add(key, value);
        }

        _file.Append(
            _step,
            EventFile.Text(
                "run/settings",
                $"Precision: {run.Precision}. Training images: {run.Training.SampleCount}.\n\n{settings.ToMarkdown()}"));
    }

    /// <inheritdoc/>
    public void StepCompleted(StepReport step)
    {
        ArgumentNullException.ThrowIfNull(step);
        _step = step.Step;
        if (step.StepInEpoch == _stepsPerEpoch && HistogramsAreDue(step.Epoch))
        {
            // The gradients are gone when the epoch has ended.
            WriteHistograms(step.Epoch);
        }

        if (step.Step % _options.ScalarsEvery != 0)
        {
            return;
        }

        double seconds = (step.DataTime + step.ComputeTime).TotalSeconds;
        _file?.Append(
            step.Step,
            [
                EventFile.Scalar("step/loss", step.Loss),
                EventFile.Scalar("step/learning_rate", step.LearningRate),
                EventFile.Scalar("step/loss_scale", step.LossScale),
                EventFile.Scalar("step/waiting_for_data", seconds > 0 ? step.DataTime.TotalSeconds / seconds : 0),
                .. double.IsNaN(step.GradientNorm)
                    ? Array.Empty<ProtoWriter>()
                    : [EventFile.Scalar("step/gradient_norm", step.GradientNorm)],
                .. Stages("step", step.StageLosses),
            ]);
    }

    /// <inheritdoc/>
    public void ValidationCompleted(ValidationReport validation)
    {
        ArgumentNullException.ThrowIfNull(validation);
        string group = validation.Ema ? "validation_ema" : "validation";
        _file?.Append(
            validation.Step,
            [
                EventFile.Scalar($"{group}/dice", validation.Score.Dice),
                EventFile.Scalar($"{group}/iou", validation.Score.IntersectionOverUnion),
                .. validation.Score.Monitor == Metric.Dice.Name
                    ? Array.Empty<ProtoWriter>()
                    : [EventFile.Scalar($"{group}/{validation.Score.Monitor}", validation.Score.Monitored)],
            ]);
        if (!_options.Pictures)
        {
            return;
        }

        foreach (ValidationPicture picture in validation.Pictures)
        {
            FloatImage sheet = Sheet(picture);
            using var png = new MemoryStream();
            ImageWriter.Write(sheet, png);
            _file?.Append(
                validation.Step,
                EventFile.Image($"{group}/{picture.Name}", sheet.Height, sheet.Width, png.GetBuffer().AsSpan(0, (int)png.Length)));
        }
    }

    /// <inheritdoc/>
    public void EpochCompleted(EpochRecord epoch)
    {
        ArgumentNullException.ThrowIfNull(epoch);
        _file?.Append(
            _step,
            [
                EventFile.Scalar("epoch/number", epoch.Epoch),
                EventFile.Scalar("epoch/loss", epoch.Loss),
                EventFile.Scalar("epoch/images_per_second", epoch.ImagesPerSecond),
                EventFile.Scalar("epoch/peak_memory_gib", epoch.PeakMemoryBytes / (double)(1L << 30)),
                .. Stages("epoch", epoch.StageLosses),
            ]);
        if (HistogramsAreDue(epoch.Epoch) && _histogramsOf != epoch.Epoch)
        {
            // An epoch that had fewer steps than its loader promised: samples were skipped, or the run ends in its middle.
            WriteHistograms(epoch.Epoch);
        }

        _file?.Flush();
    }

    /// <inheritdoc/>
    public void Warned(TrainingWarning warning)
    {
        ArgumentNullException.ThrowIfNull(warning);
        _file?.Append(warning.Step, EventFile.Text($"warning/{warning.Kind}", $"Epoch {warning.Epoch}: {warning.Problem}"));
    }

    /// <inheritdoc/>
    public void RunEnded(TrainingRunEnd end)
    {
        ArgumentNullException.ThrowIfNull(end);
        _file?.Append(_step, EventFile.Text("run/end", end.Error is null ? $"{end.Reason}" : $"{end.Reason}: {end.Error.Message}"));
        _file?.Flush();
        _file?.Dispose();
        (_file, _run) = (null, null);
    }

    private static IEnumerable<ProtoWriter> Stages(string group, IReadOnlyList<TaskLossValues> stages) =>
        stages.SelectMany((stage, i) => new[]
    {
        EventFile.Scalar($"{group}_stage{i + 1}/region", stage.Region),
        EventFile.Scalar($"{group}_stage{i + 1}/distance", stage.Distance),
        EventFile.Scalar($"{group}_stage{i + 1}/boundary", stage.Boundary),
    });

    /// <summary>Image, then truth and probability of every label, side by side.</summary>
    private static FloatImage Sheet(ValidationPicture picture)
    {
        int labels = picture.Probability.Channels;
        (int height, int width) = (picture.Image.Height, picture.Image.Width);
        var sheet = new FloatImage(3, height, ((1 + (2 * labels)) * (width + Gap)) - Gap);
        sheet.Data.Fill(1);
        for (int channel = 0; channel < 3; channel++)
        {
            // Images of one channel are grey; those of more than three are seen by their first three.
            Paste(picture.Image, picture.Image.Channels >= 3 ? channel : 0, channel, 0);
            for (int label = 0; label < labels; label++)
            {
                Paste(picture.Truth, label, channel, 1 + (2 * label));
                Paste(picture.Probability, label, channel, 2 + (2 * label));
            }
        }

        return sheet;

        void Paste(FloatImage from, int plane, int channel, int column)
        {
            for (int y = 0; y < height; y++)
            {
                from.Row(plane, y).CopyTo(sheet.Row(channel, y)[(column * (width + Gap))..]);
            }
        }
    }

    private static ProtoWriter? Histogram(string tag, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        Tensor values = tensor.detach().cpu().to(ScalarType.Float32).contiguous();
        return ValueHistogram.Of(MemoryMarshal.Cast<byte, float>(values.bytes)) is { } histogram
            ? EventFile.Histogram(tag, histogram)
            : null;
    }

    private bool HistogramsAreDue(int epoch) => _options.HistogramsEvery > 0 && epoch % _options.HistogramsEvery == 0;

    /// <summary>The weights, and the gradients of the last step, as clipped, where they are still there.</summary>
    private void WriteHistograms(int epoch)
    {
        _histogramsOf = epoch;
        if (_run is null || _file is null)
        {
            return;
        }

        foreach ((string name, Parameter parameter) in _run.Model.named_parameters())
        {
            using Tensor? gradient = parameter.grad;
            ProtoWriter?[] histograms = [
                Histogram($"weights/{name}", parameter),
                gradient is null ? null : Histogram($"gradients/{name}", gradient)
            ];
            _file.Append(_step, histograms.OfType<ProtoWriter>());
        }
    }
}
