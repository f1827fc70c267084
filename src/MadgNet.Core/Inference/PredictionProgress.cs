namespace MadgNet.Core.Inference;

/// <summary>How far a prediction has come.</summary>
/// <param name="Done">The tiles that are done; an image that is not divided is one.</param>
/// <param name="Total">All tiles.</param>
public readonly record struct PredictionProgress(int Done, int Total);
