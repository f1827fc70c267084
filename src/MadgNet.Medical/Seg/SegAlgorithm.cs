namespace MadgNet.Medical.Seg;

/// <summary>Who drew a segment.</summary>
public enum SegAlgorithm
{
    /// <summary>A program alone.</summary>
    Automatic,

    /// <summary>A person with a program's help.</summary>
    Semiautomatic,

    /// <summary>A person.</summary>
    Manual,
}
