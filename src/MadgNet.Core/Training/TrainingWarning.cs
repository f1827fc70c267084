namespace MadgNet.Core.Training;

/// <summary>Something that a run noticed about itself.</summary>
/// <param name="Kind">What kind of thing; every kind is reported once in a run.</param>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Step">The optimizer step since the beginning of the run, from 1.</param>
/// <param name="Problem">What was seen, what is expected and what to do.</param>
public sealed record TrainingWarning(TrainingWarningKind Kind, int Epoch, long Step, Problem Problem);
