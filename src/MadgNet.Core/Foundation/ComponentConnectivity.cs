namespace MadgNet.Core.Foundation;

/// <summary>Which neighbours belong to the same connected component.</summary>
public enum ComponentConnectivity
{
    /// <summary>The four neighbours that share an edge.</summary>
    Four,

    /// <summary>The eight neighbours that share an edge or a corner.</summary>
    Eight,
}
