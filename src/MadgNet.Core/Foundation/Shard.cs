using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MadgNet.Core.Foundation;

/// <summary>
/// One of several equal parts of a list, so that several processes can work on it without talking to one another: shard
/// <c>i/n</c> takes the items number i, i + n, i + 2n … of the list, counted from 1.
/// </summary>
/// <remarks>
/// Which item belongs to which shard follows from the order of the list alone: sort it before. Every item belongs to exactly
/// one shard. A value that was not constructed is <see cref="Whole"/>.
/// </remarks>
public readonly record struct Shard
{
    private readonly int _before;
    private readonly int _others;

    /// <summary>Creates a shard.</summary>
    /// <param name="number">Its number, 1 to <paramref name="count"/>.</param>
    /// <param name="count">How many shards there are, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such shard.</exception>
    public Shard(int number, int count)
    {
        if (count < 1 || number < 1 || number > count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(number), $"{number}/{count}", "Expected a number from 1 to the number of shards, for example 3/16.");
        }

        _before = number - 1;
        _others = count - 1;
    }

    /// <summary>The only shard of one: the whole list.</summary>
    public static Shard Whole => default;

    /// <summary>The shard's number, from 1.</summary>
    public int Number => _before + 1;

    /// <summary>How many shards there are.</summary>
    public int Count => _others + 1;

    /// <summary>Whether the shard is the whole list.</summary>
    public bool IsWhole => _others == 0;

    /// <summary>The shard in a file's name: <c>03-of-16</c>, with as many digits as the last one has.</summary>
    public string FileSuffix
    {
        get
        {
            string count = Count.ToString(CultureInfo.InvariantCulture);
            return $"{Number.ToString(CultureInfo.InvariantCulture).PadLeft(count.Length, '0')}-of-{count}";
        }
    }

    /// <summary>Reads <c>3/16</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="shard">The shard; the whole list where the text is none.</param>
    /// <returns>Whether the text is a shard.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out Shard shard)
    {
        shard = Whole;
        string[] parts = (text ?? "").Split('/');
        if (parts.Length != 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            || count < 1
            || number < 1
            || number > count)
        {
            return false;
        }

        shard = new Shard(number, count);
        return true;
    }

    /// <summary>Whether an item belongs to the shard.</summary>
    /// <param name="index">The item's place in the list, from 0.</param>
    /// <returns>Whether it does.</returns>
    public bool Takes(long index) => index % Count == _before;

    /// <summary>The items of a list that belong to the shard, in the list's order.</summary>
    /// <typeparam name="T">What the list is of.</typeparam>
    /// <param name="items">The whole list.</param>
    /// <returns>The shard's items; none where there are more shards than items.</returns>
    public IReadOnlyList<T> Of<T>(IReadOnlyList<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        Shard shard = this;
        return [.. items.Where((_, index) => shard.Takes(index))];
    }

    /// <summary>The shard as <c>3/16</c>.</summary>
    /// <returns>The text that <see cref="TryParse"/> reads.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}/{Count}");
}
