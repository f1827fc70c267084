namespace MadgNet.Core.Inference.Visualization;

/// <summary>What one decoder stage made of an image.</summary>
/// <param name="Number">The stage, from 1, the deepest first.</param>
/// <param name="Maps">Region, distance and boundary that the stage's sub-decoder put out.</param>
/// <param name="BeforeCoupling">The sub-decoder's maps before its tasks correct each other (the forward stream of the E-SDM).</param>
/// <param name="Scales">The attention of every scale, the finest first.</param>
public sealed record StageAttention(int Number, TaskMapImages Maps, TaskMapImages BeforeCoupling, IReadOnlyList<ScaleAttention> Scales);
