namespace MadgNet.Core.Imaging;

/// <summary>An array of numbers as an <c>.npy</c> file holds it; see <see cref="NpyFile"/>.</summary>
public sealed class NpyArray
{
    private readonly int[] _shape;
    private readonly float[] _values;

    /// <summary>Creates an array around its values.</summary>
    /// <param name="shape">The size of every dimension, 0 or more each; none for a single number.</param>
    /// <param name="values">The values, the last dimension running fastest (C order); kept, not copied.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative.</exception>
    /// <exception cref="ArgumentException">The shape does not have as many values.</exception>
    public NpyArray(IReadOnlyList<int> shape, float[] values)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(values);
        long count = 1;
        foreach (int size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(shape));
            count = Math.Min(count * size, long.MaxValue / int.MaxValue);
        }

        if (count != values.Length)
        {
            throw new ArgumentException(
                $"received {values.Length} values; expected {count} for the shape ({string.Join(", ", shape)}). Pass an array of that "
                    + $"length.",
                nameof(values));
        }

        _shape = [.. shape];
        _values = values;
    }

    /// <summary>The size of every dimension; empty for a single number.</summary>
    public IReadOnlyList<int> Shape => _shape;

    /// <summary>The values, the last dimension running fastest.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>The range of the whole numbers that a file held; null for fractions, which are taken as they are.</summary>
    internal (double Low, double High)? FullRange { get; init; }

    /// <summary>The array as an image: H×W becomes one plane, N×H×W becomes N planes. The values are shared, not copied.</summary>
    /// <returns>An image around the same values.</returns>
    /// <exception cref="InvalidOperationException">The array has neither two nor three dimensions, or no values.</exception>
    public FloatImage ToImage()
    {
        if (_shape.Length is not (2 or 3) || _values.Length == 0)
        {
            throw new InvalidOperationException(
                $"Received an array of the shape ({string.Join(", ", _shape)}); expected H×W or N×H×W with at least one value. Read "
                    + $"Values where other shapes are meant.");
        }

        return new FloatImage(_shape.Length == 3 ? _shape[0] : 1, _shape[^2], _shape[^1], _values);
    }
}
