namespace MadgNet.Core.Training.Optimization;

/// <summary>What the gradients of a step were.</summary>
/// <param name="Norm">The Euclidean norm of all gradients together, before any clipping; not finite where a gradient is not.</param>
/// <param name="Finite">Whether every value of every gradient is a finite number.</param>
/// <param name="FirstNotFinite">The name of the first parameter, in the order of the groups, whose gradient is not finite; null where all
/// are.</param>
public readonly record struct GradientSummary(double Norm, bool Finite, string? FirstNotFinite);
