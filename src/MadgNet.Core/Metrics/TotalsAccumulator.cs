using System.Text.Json;

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

    /// <param name="metrics">The label's metrics of a case.</param>
    /// <param name="inMeans">Whether the case counts in means, of which the curves are some; in sums of pixels all count.</param>
    internal void Add(MapMetrics metrics, bool inMeans)
    {
        _counts += metrics.Counts;
        _components = metrics.Components is { } components ? components + (_components ?? default) : _components;
        _calibration = metrics.Calibration is { } calibration && _calibration is not null
            ? _calibration + calibration
            : metrics.Calibration ?? _calibration;
        if (inMeans)
        {
            _cases++;
            AddCurve(ref _f, metrics.FMeasure);
            AddCurve(ref _alignment, metrics.EnhancedAlignment);
        }
    }

    /// <summary>Adds the totals of other cases.</summary>
    internal void Add(TotalsAccumulator other)
    {
        _cases += other._cases;
        _counts += other._counts;
        _components = other._components is { } components ? components + (_components ?? default) : _components;
        _calibration = other._calibration is { } calibration && _calibration is not null
            ? _calibration + calibration
            : other._calibration ?? _calibration;
        AddSums(ref _f, other._f);
        AddSums(ref _alignment, other._alignment);
    }

    /// <summary>Writes the totals exactly.</summary>
    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("cases", _cases);
        ReportJson.WriteCounts(json, _counts, _components);
        json.WritePropertyName("calibration");
        if (_calibration is null)
        {
            json.WriteNullValue();
        }
        else
        {
            _calibration.Write(json);
        }

        json.WritePropertyName("fMeasure");
        ExactSum.Write(json, _f ?? []);
        json.WritePropertyName("enhancedAlignment");
        ExactSum.Write(json, _alignment ?? []);
        json.WriteEndObject();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    internal static TotalsAccumulator Read(JsonElement json)
    {
        (ConfusionCounts counts, ComponentCounts? components) = ReportJson.ReadCounts(json);
        JsonElement calibration = json.GetProperty("calibration");
        return new TotalsAccumulator
        {
            _cases = json.GetProperty("cases").GetInt32(),
            _counts = counts,
            _components = components,
            _calibration = calibration.ValueKind == JsonValueKind.Null ? null : CalibrationTable.Read(calibration),
            _f = Curve("fMeasure"),
            _alignment = Curve("enhancedAlignment"),
        };

        Int128[]? Curve(string name) => ExactSum.Read(json.GetProperty(name)) is { Length: > 0 } sums ? sums : null;
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

    private static void AddSums(ref Int128[]? sums, Int128[]? others)
    {
        if (others is null)
        {
            return;
        }

        sums ??= new Int128[others.Length];
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] += others[i];
        }
    }

    private double[]? Mean(Int128[]? sums) => sums is null ? null : [.. sums.Select(sum => ExactSum.ToDouble(sum) / _cases)];
}
