namespace MadgNet.Core.Inference.Visualization;

/// <summary>One line of a legend: a colour and what it stands for.</summary>
/// <param name="Color">The colour.</param>
/// <param name="Text">What it stands for.</param>
public sealed record LegendEntry(RgbColor Color, string Text);
