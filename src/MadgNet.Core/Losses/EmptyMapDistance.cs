namespace MadgNet.Core.Losses;

/// <summary>How far the pixels of a map without a contour, an empty or a full one, are from it.</summary>
public enum EmptyMapDistance
{
    /// <summary>The map's diagonal, the largest distance that the map allows: every error counts with the full weight.</summary>
    Diagonal,

    /// <summary>0, as in MONAI's <c>HausdorffDTLoss</c>: the map adds nothing to the weight of an error.</summary>
    Zero,
}
