namespace MadgNet.Core.Losses;

/// <summary>The losses of one decoder stage's three tasks, before their weights.</summary>
/// <param name="Region">Value of the region loss.</param>
/// <param name="Distance">Value of the distance loss.</param>
/// <param name="Boundary">Value of the boundary loss.</param>
public readonly record struct TaskLossValues(double Region, double Distance, double Boundary);
