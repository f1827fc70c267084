namespace MadgNet.Studies.Cells;

/// <summary>What a cell cost on the machine that ran it. Unlike everything else in a cell it is measured, and never the same
/// twice.</summary>
/// <param name="SecondsPerStep">The median time of a training step, with loading.</param>
/// <param name="MillisecondsPerImage">The median time of a prediction of one image at the training's size, in the inference form.</param>
/// <param name="PeakMemoryBytes">The largest memory that the process held while it trained, sampled after every step.</param>
/// <param name="Threads">The processor threads of one operation of the network.</param>
/// <param name="Processor">What the machine calls its processors, and how many there are.</param>
public sealed record CellCost(
    double SecondsPerStep, double MillisecondsPerImage, long PeakMemoryBytes, int Threads, string Processor);
