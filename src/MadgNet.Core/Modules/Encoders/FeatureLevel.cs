namespace MadgNet.Core.Modules.Encoders;

/// <summary>What one level of a encoder's feature pyramid looks like.</summary>
/// <param name="Channels">The channels of the level; 1 or more.</param>
/// <param name="Stride">How many input pixels one of its pixels stands for, in height and in width; 1 or more.</param>
public readonly record struct FeatureLevel(long Channels, int Stride);
