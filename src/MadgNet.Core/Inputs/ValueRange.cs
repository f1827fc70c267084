namespace MadgNet.Core.Inputs;

/// <summary>The range of values that a network's first layer takes, before its mean is subtracted. Saved with a model.</summary>
public enum ValueRange
{
    /// <summary>0 to 1, the published protocol.</summary>
    ZeroToOne,

    /// <summary>0 to 255: the network multiplies what it is given (0..1, as everywhere in this library) by 255.</summary>
    ZeroTo255,
}
