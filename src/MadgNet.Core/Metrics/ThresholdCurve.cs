namespace MadgNet.Core.Metrics;

/// <summary>A measure of a map that is binarised at an adaptive threshold and at each of 256 fixed ones.</summary>
public sealed class ThresholdCurve
{
    private readonly double[] _values;

    internal ThresholdCurve(double adaptive, double[] values)
    {
        Adaptive = adaptive;
        _values = values;
    }

    /// <summary>The measure at twice the mean of the map, or at 1 where that is less.</summary>
    public double Adaptive { get; }

    /// <summary>
    /// The measure at the thresholds 255, 254, … 0, in this order, of the map scaled to 0..255 and truncated: 256 values.
    /// </summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>The mean of the curve.</summary>
    public double Mean
    {
        get
        {
            double sum = 0;
            foreach (double value in _values)
            {
                sum += value;
            }

            return sum / _values.Length;
        }
    }

    /// <summary>The maximum of the curve.</summary>
    public double Max
    {
        get
        {
            double largest = double.NegativeInfinity;
            foreach (double value in _values)
            {
                largest = Math.Max(largest, value);
            }

            return largest;
        }
    }
}
