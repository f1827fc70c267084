namespace MadgNet.Core.Training;

/// <summary>
/// How well a model segments a validation set: the mean over images and labels of the overlap at the threshold, where an
/// empty prediction of an empty truth counts as 1.
/// </summary>
/// <param name="Dice">Mean Dice coefficient, 0..1.</param>
/// <param name="IntersectionOverUnion">Mean intersection over union (Jaccard index), 0..1.</param>
/// <param name="Images">The number of images scored.</param>
public sealed record ValidationScore(double Dice, double IntersectionOverUnion, int Images)
{
    /// <summary>The name of the metric that says which weights are the best, <see cref="TrainerOptions.Monitor"/>.</summary>
    public string Monitor { get; init; } = "Dice";

    /// <summary>That metric's mean over the images where it is defined; NaN where it is nowhere.</summary>
    public double Monitored { get; init; } = Dice;
}
