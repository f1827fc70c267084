namespace MadgNet.Core.Runtime;

/// <summary>What became of oneDNN in this process.</summary>
public enum OneDnnState
{
    /// <summary>libtorch computes with oneDNN as it is.</summary>
    On,

    /// <summary>libtorch computes without oneDNN: slower.</summary>
    Off,

    /// <summary>libtorch computes with oneDNN, whose description of the processor's caches was repaired first.</summary>
    Repaired,
}
