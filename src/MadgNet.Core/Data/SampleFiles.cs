namespace MadgNet.Core.Data;

/// <summary>The files that a sample is made of.</summary>
/// <param name="Image">Path of the image.</param>
/// <param name="Masks">Paths of its masks, in the order in which they are read; empty where there is none.</param>
public sealed record SampleFiles(string Image, IReadOnlyList<string> Masks);
