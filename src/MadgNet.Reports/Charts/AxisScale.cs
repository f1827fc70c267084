using System.Globalization;

namespace MadgNet.Reports.Charts;

/// <summary>Where values lie along an axis, and at which of them it is marked.</summary>
internal sealed class AxisScale
{
    private readonly double _low;
    private readonly double _high;
    private readonly bool _logarithmic;

    private AxisScale(double low, double high, bool logarithmic, IReadOnlyList<double> ticks)
    {
        _low = low;
        _high = high;
        _logarithmic = logarithmic;
        Ticks = ticks;
    }

    /// <summary>The marked values, ascending.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>The axis of these values: it ends at marks of 1, 2 or 5 times a power of ten, or at powers of ten.</summary>
    /// <param name="values">The values; what is not finite, or not above 0 on a logarithmic axis, does not count.</param>
    /// <param name="logarithmic">Whether equal ratios are equally long.</param>
    /// <param name="range">The ends, where they are given.</param>
    public static AxisScale Of(IEnumerable<double> values, bool logarithmic, (double Low, double High)? range = null)
    {
        double[] counted = [.. values.Where(value => double.IsFinite(value) && (!logarithmic || value > 0))];
        (double low, double high) = range ?? (counted.Length == 0 ? (logarithmic ? (1, 10) : (0, 1)) : (counted.Min(), counted.Max()));
        return logarithmic ? Logarithmic(low, high) : Linear(low, high, fix: range is not null);
    }

    /// <summary>0 at the low end, 1 at the high one; NaN for what has no place.</summary>
    public double Share(double value) => _logarithmic
        ? value > 0 ? (Math.Log10(value) - Math.Log10(_low)) / (Math.Log10(_high) - Math.Log10(_low)) : double.NaN
        : (value - _low) / (_high - _low);

    public string Format(double tick)
    {
        double size = Math.Abs(tick);
        return size is > 0 and (< 1e-3 or >= 1e6)
            ? tick.ToString("0.##e-0", CultureInfo.InvariantCulture)
            : Math.Round(tick, 6).ToString("0.######", CultureInfo.InvariantCulture);
    }

    private static AxisScale Linear(double low, double high, bool fix)
    {
        if (!(high > low))
        {
            double room = low == 0 ? 1 : Math.Abs(low) * 0.1;
            (low, high) = (low - room, high + room);
        }

        double raw = (high - low) / 5;
        double power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = power * ((raw / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
        if (!fix)
        {
            (low, high) = (Math.Floor((low / step) + 1e-9) * step, Math.Ceiling((high / step) - 1e-9) * step);
        }

        var ticks = new List<double>();
        for (double at = Math.Ceiling((low / step) - 1e-9); at <= (high / step) + 1e-9 && ticks.Count < 100; at++)
        {
            ticks.Add(at * step);
        }

        return new AxisScale(low, high, false, ticks);
    }

    private static AxisScale Logarithmic(double low, double high)
    {
        int first = (int)Math.Floor(Math.Log10(low) + 1e-9);
        int last = Math.Max(first + 1, (int)Math.Ceiling(Math.Log10(high) - 1e-9));
        int every = 1 + ((last - first) / 8);
        double[] ticks = [.. Enumerable.Range(0, last - first + 1).Where(i => i % every == 0).Select(i => Math.Pow(10, first + i))];
        return new AxisScale(Math.Pow(10, first), Math.Pow(10, last), true, ticks);
    }
}
