using MadgNet.Core.Models;
using MadgNet.Core.Training.Distribution;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Precision;
using Microsoft.Extensions.Logging;

namespace MadgNet.Core.Training;

/// <summary>What a run is made of, for the classes that share its work. Where the run is stands in its state alone.</summary>
internal sealed record RunParts(
    SegmentationModel Model,
    TrainerOptions Options,
    ILogger Logger,
    RunReporter Reporter,
    PrecisionPlan Plan,
    RankSync Ranks,
    RunStepper Stepper,
    LearningRateRun Schedule,
    RunClock Clock,
    IReadOnlyDictionary<string, string> Fingerprint);
