using System.CommandLine;
using MadgNet.Cli.CommandLine;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Precision;

namespace MadgNet.Cli.Commands;

/// <summary>The options that say how long, how fast and in which arithmetic is trained.</summary>
internal sealed class TrainerSettings
{
    private static readonly Dictionary<string, TrainingPrecision> Precisions = new(StringComparer.Ordinal)
    {
        ["float32"] = TrainingPrecision.Float32,
        ["bfloat16"] = TrainingPrecision.BFloat16,
        ["float16"] = TrainingPrecision.Float16,
        ["auto"] = TrainingPrecision.Auto,
    };

    private readonly Option<int> _epochs = CommonOptions.AtLeast(
        new Option<int>("--epochs")
        {
            Description = "How often the training images are gone through.",
            HelpName = "N",
            DefaultValueFactory = _ => 100
        },
        1);
    private readonly Option<double> _rate = CommonOptions.Above(
        new Option<double>("--learning-rate", "--lr")
        {
            Description = "The first epoch's; it falls to 1e-6 along a cosine.",
            HelpName = "RATE",
            DefaultValueFactory = _ => 1e-4
        },
        0);
    private readonly Option<string> _precision = new("--precision")
    {
        Description = "float32, bfloat16, float16 (CUDA) or auto (the fastest that the device computes in).",
        HelpName = "NAME",
        DefaultValueFactory = _ => "float32"
    };
    private readonly Option<int?> _patience = CommonOptions.AtLeast(
        new Option<int?>("--patience")
        {
            Description = "End the run after so many validations without gain. [default: never]",
            HelpName = "N"
        },
        1);
    private readonly Option<bool> _calibrate = new("--calibrate")
    {
        Description = "Look for the threshold with the best validation Dice, and keep it with the weights."
    };

    public TrainerSettings() => _precision.AcceptOnlyFromAmong([.. Precisions.Keys]);

    /// <summary>How often the images are gone through.</summary>
    public Option Epochs => _epochs;

    /// <summary>The learning rate.</summary>
    public Option LearningRate => _rate;

    /// <summary>The others.</summary>
    public IReadOnlyList<Option> Others => [_precision, _patience, _calibrate];

    /// <summary>A trainer's options with what the command line says.</summary>
    /// <param name="trainer">The options before.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="says">Whether one of some options counts.</param>
    /// <returns>The options with it.</returns>
    public TrainerOptions Apply(TrainerOptions trainer, ParseResult arguments, Func<Option[], bool> says)
    {
        if (says([_epochs]))
        {
            trainer = trainer with { Epochs = arguments.GetValue(_epochs) };
        }

        if (says([_rate]))
        {
            double rate = arguments.GetValue(_rate);
            trainer = trainer with { Schedule = new CosineAnnealingSchedule(rate, Math.Min(1e-6, rate)) };
        }

        if (says([_precision]))
        {
            TrainingPrecision precision = Precisions[arguments.GetRequiredValue(_precision)];
            trainer = trainer with
            {
                Precision = precision,
                Layout = precision == TrainingPrecision.Float32 ? MemoryLayout.Contiguous : MemoryLayout.Auto,
            };
        }

        if (says([_patience]))
        {
            trainer = trainer with
            {
                EarlyStopping = arguments.GetValue(_patience) is { } patience ? new EarlyStopping { Patience = patience } : null,
            };
        }

        return says([_calibrate]) ? trainer with { CalibrateThreshold = arguments.GetValue(_calibrate) } : trainer;
    }
}
