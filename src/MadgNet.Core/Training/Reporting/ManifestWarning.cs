namespace MadgNet.Core.Training.Reporting;

/// <summary>Something that a run noticed about itself, as its manifest keeps it.</summary>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Step">The optimizer step, from 1.</param>
/// <param name="Message">What was seen, what is expected and what to do.</param>
public sealed record ManifestWarning(TrainingWarningKind Kind, int Epoch, long Step, string Message);
