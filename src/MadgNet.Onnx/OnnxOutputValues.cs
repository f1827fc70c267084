namespace MadgNet.Onnx;

/// <summary>What the numbers that a network gives out are.</summary>
public enum OnnxOutputValues
{
    /// <summary>Probabilities 0..1.</summary>
    Probability,

    /// <summary>Logits, whose sigmoid is the probability.</summary>
    Logit,
}
