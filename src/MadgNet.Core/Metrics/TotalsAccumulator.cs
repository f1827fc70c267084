namespace MadgNet.Core.Metrics;

/// <summary>Adds up one label over the cases, in constant memory and to the same bits in any order.</summary>
internal sealed class TotalsAccumulator
{
    private ConfusionCounts _counts;
    private ComponentCounts? _components;
    private CalibrationTable? _calibration;
    private Int128[]? _f;
    private Int128[]? _alignment;
    private int _cases;

    internal void Add(MapMetrics metrics)
    {
        _cases++;
        _counts += metrics.Counts;
        _components = metrics.Components is { } components ? components + (_components ?? default) : _components;
        _calibration = metrics.Calibration is { } calibration && _calibration is not null
            ? _calibration + calibration
            : metrics.Calibration ?? _calibration;
        AddCurve(ref _f, metrics.FMeasure);
        AddCurve(ref _alignment, metrics.EnhancedAlignment);
    }

    internal LabelTotals ToTotals() => new(
        _counts, _components, _calibration?.BrierScore, _calibration?.ExpectedCalibrationError, Mean(_f), Mean(_alignment));

    private static void AddCurve(ref Int128[]? sums, ThresholdCurve? curve)
    {
        if (curve is null)
        {
            return;
        }

        sums ??= new Int128[curve.Values.Length];
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] += ExactSum.FromDouble(curve.Values[i]);
        }
    }

    private double[]? Mean(Int128[]? sums) => sums is null ? null : [.. sums.Select(sum => ExactSum.ToDouble(sum) / _cases)];
}
