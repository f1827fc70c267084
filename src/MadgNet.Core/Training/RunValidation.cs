namespace MadgNet.Core.Training;

/// <summary>What one pass over the validation set came to.</summary>
/// <param name="Report">What observers are told.</param>
/// <param name="Monitored">The monitored metric's mean over the images where it is defined; NaN where it is nowhere.</param>
/// <param name="Threshold">The calibrated threshold; null where none was asked for.</param>
internal sealed record RunValidation(ValidationReport Report, double Monitored, double? Threshold);
