using System.Globalization;

namespace MadgNet.Medical.Dicom;

/// <summary>The number of a DICOM attribute.</summary>
/// <param name="Group">The group; odd for private attributes.</param>
/// <param name="Element">The element in the group.</param>
public readonly record struct DicomTag(ushort Group, ushort Element) : IComparable<DicomTag>
{
    /// <summary>Whether a manufacturer has given the attribute its meaning.</summary>
    public bool IsPrivate => (Group & 1) == 1;

    internal uint Number => ((uint)Group << 16) | Element;

    /// <summary>Compares by group, then element: the order in a file.</summary>
    /// <param name="other">The other tag.</param>
    /// <returns>Below, equal to or above zero.</returns>
    public int CompareTo(DicomTag other) => Number.CompareTo(other.Number);

    /// <summary>Whether a tag stands before another.</summary>
    /// <param name="left">One tag.</param>
    /// <param name="right">The other.</param>
    /// <returns>True where it does.</returns>
    public static bool operator <(DicomTag left, DicomTag right) => left.Number < right.Number;

    /// <summary>Whether a tag stands after another.</summary>
    /// <param name="left">One tag.</param>
    /// <param name="right">The other.</param>
    /// <returns>True where it does.</returns>
    public static bool operator >(DicomTag left, DicomTag right) => left.Number > right.Number;

    /// <summary>Whether a tag stands before another or is the same.</summary>
    /// <param name="left">One tag.</param>
    /// <param name="right">The other.</param>
    /// <returns>True where it does.</returns>
    public static bool operator <=(DicomTag left, DicomTag right) => left.Number <= right.Number;

    /// <summary>Whether a tag stands after another or is the same.</summary>
    /// <param name="left">One tag.</param>
    /// <param name="right">The other.</param>
    /// <returns>True where it does.</returns>
    public static bool operator >=(DicomTag left, DicomTag right) => left.Number >= right.Number;

    /// <summary>The tag as the standard writes it.</summary>
    /// <returns>For example <c>(0028,0010)</c>.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"({Group:X4},{Element:X4})");
}
