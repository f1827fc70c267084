namespace MadgNet.Onnx;

/// <summary>Which maps an exported network gives out.</summary>
public enum OnnxOutputs
{
    /// <summary>The region map of the last stage, named <c>region</c>: the prediction. Only what it needs is exported.</summary>
    Region,

    /// <summary>
    /// Region, distance and boundary of every stage, named <c>stage1_region</c>, <c>stage1_distance</c>,
    /// <c>stage1_boundary</c>, <c>stage2_region</c> …, deepest first; the last stage's region is the prediction.
    /// </summary>
    All,
}
