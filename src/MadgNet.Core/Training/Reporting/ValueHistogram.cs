namespace MadgNet.Core.Training.Reporting;

/// <summary>How the finite values of a tensor are distributed.</summary>
internal sealed class ValueHistogram
{
    private const int Bins = 64;

    private ValueHistogram(double minimum, double maximum, double count, double sum, double sumOfSquares, double[] limits, double[] counts)
    {
        Minimum = minimum;
        Maximum = maximum;
        Count = count;
        Sum = sum;
        SumOfSquares = sumOfSquares;
        Limits = limits;
        Counts = counts;
    }

    public double Minimum { get; }

    public double Maximum { get; }

    public double Count { get; }

    public double Sum { get; }

    public double SumOfSquares { get; }

    /// <summary>The upper edge of each bin.</summary>
    public double[] Limits { get; }

    /// <summary>The number of values in each bin.</summary>
    public double[] Counts { get; }

    /// <summary>Counts values; null where none is finite.</summary>
    public static ValueHistogram? Of(ReadOnlySpan<float> values)
    {
        (double minimum,
            double maximum,
            double sum,
            double squares,
            long count) = (double.PositiveInfinity, double.NegativeInfinity, 0, 0, 0);
        foreach (float value in values)
        {
            if (float.IsFinite(value))
            {
                minimum = Math.Min(minimum, value);
                maximum = Math.Max(maximum, value);
                sum += value;
                squares += (double)value * value;
                count++;
            }
        }

        if (count == 0)
        {
            return null;
        }

        double width = (maximum - minimum) / Bins;
        if (!(width > 0))
        {
            return new ValueHistogram(minimum, maximum, count, sum, squares, [maximum], [count]);
        }

        double[] counts = new double[Bins];
        foreach (float value in values)
        {
            if (float.IsFinite(value))
            {
                counts[Math.Min(Bins - 1, (int)((value - minimum) / width))]++;
            }
        }

        double[] limits = [.. Enumerable.Range(1, Bins).Select(bin => bin == Bins ? maximum : minimum + (bin * width))];
        return new ValueHistogram(minimum, maximum, count, sum, squares, limits, counts);
    }
}
