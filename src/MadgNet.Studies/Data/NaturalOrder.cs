using System.Globalization;

namespace MadgNet.Studies.Data;

/// <summary>Names in the order in which a person counts: <c>9</c> before <c>10</c>.</summary>
internal sealed class NaturalOrder : IComparer<string>
{
    public static NaturalOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
        {
            return string.CompareOrdinal(x, y);
        }

        int i = 0;
        int j = 0;
        while (i < x.Length && j < y.Length)
        {
            int difference;
            if (char.IsAsciiDigit(x[i]) && char.IsAsciiDigit(y[j]))
            {
                string left = Digits(x, ref i);
                string right = Digits(y, ref j);
                difference = left.Length != right.Length ? left.Length.CompareTo(right.Length) : string.CompareOrdinal(left, right);
            }
            else
            {
                difference = x[i++].CompareTo(y[j++]);
            }

            if (difference != 0)
            {
                return difference;
            }
        }

        int rest = (x.Length - i).CompareTo(y.Length - j);
        return rest != 0 ? rest : string.CompareOrdinal(x, y);
    }

    /// <summary>The digits from a place on, without leading zeros.</summary>
    private static string Digits(string text, ref int index)
    {
        int start = index;
        while (index < text.Length && char.IsAsciiDigit(text[index]))
        {
            index++;
        }

        return text[start..index].TrimStart('0').ToString(CultureInfo.InvariantCulture);
    }
}
