using MadgNet.Core.Metrics;

namespace MadgNet.Core.Training;

/// <summary>What one validation of a run came to.</summary>
/// <param name="Epoch">The epoch it was taken in, from 1.</param>
/// <param name="Step">The optimizer steps taken before it.</param>
/// <param name="Score">The overlap at the run's threshold.</param>
/// <param name="Report">Every case, label and metric.</param>
/// <param name="Ema">Whether exponentially averaged (EMA) weights were scored, not the raw ones.</param>
/// <param name="Pictures">The first few images with truth and probability, as many as the options ask for.</param>
public sealed record ValidationReport(
    int Epoch,
    long Step,
    ValidationScore Score,
    EvaluationReport Report,
    bool Ema,
    IReadOnlyList<ValidationPicture> Pictures);
