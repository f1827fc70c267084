using System.Buffers;
using System.Text.Json;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Metrics;

/// <summary>One evaluation in progress: measures cases on any threads and gathers their numbers.</summary>
internal sealed class EvaluationRun
{
    private readonly EvaluatorOptions _options;
    private readonly IProgress<int>? _progress;
    private readonly IReadOnlyList<Metric> _metrics;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, CaseResult> _cases = new(StringComparer.Ordinal);
    private TotalsAccumulator[]? _totals;

    internal EvaluationRun(EvaluatorOptions options, IProgress<int>? progress)
    {
        _options = options;
        _progress = progress;
        _metrics = options.Metrics.Metrics;
    }

    internal void Measure(EvaluationCase evaluated)
    {
        ArgumentNullException.ThrowIfNull(evaluated);
        FloatImage probability = evaluated.Probability;
        if (_options.NetworkSize is { } size && size != (probability.Height, probability.Width))
        {
            throw new EvaluationException(
                $"Case '{evaluated.Name}': received {probability.Height}×{probability.Width}; expected the network's size, "
                    + $"{size.Height}×{size.Width}. Resize prediction and truth, or leave NetworkSize null.");
        }

        var metrics = new MapMetrics[probability.Channels];
        for (int label = 0; label < metrics.Length; label++)
        {
            metrics[label] = MeasureLabel(evaluated, label);
        }

        var result = new CaseResult(
            evaluated.Name,
            evaluated.Group,
            probability.Height,
            probability.Width,
            [.. metrics.Select(map => new LabelResult(map.Counts, map.Components, MetricValues.Of(_metrics, metric => map[metric])))]);
        Add(result, metrics);
    }

    internal EvaluationReport ToReport()
    {
        if (_totals is null)
        {
            throw new EvaluationException(
                $"Set '{_options.SetName}': received no cases; expected at least one. Check the folder or the split that the set is "
                    + $"read from.");
        }

        IReadOnlyList<string> labels = _options.LabelNames ?? [.. Enumerable.Range(0, _totals.Length).Select(label => $"label {label}")];
        return new EvaluationReport(
            new EvaluationSettings(_options),
            labels,
            [.. _cases.Values.OrderBy(result => result.Name, StringComparer.Ordinal)],
            [.. _totals.Select(totals => totals.ToTotals())]);
    }

    /// <summary>Writes cases and totals into an object, exactly.</summary>
    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartArray("accumulated");
        foreach (TotalsAccumulator totals in _totals ?? [])
        {
            totals.Write(json);
        }

        json.WriteEndArray();
        json.WriteStartArray("cases");
        foreach (CaseResult result in _cases.Values.OrderBy(result => result.Name, StringComparer.Ordinal))
        {
            ReportJson.WriteCase(json, _metrics, result);
        }

        json.WriteEndArray();
    }

    /// <summary>Adds what <see cref="Write"/> wrote of other cases, measured with the same options.</summary>
    internal void Add(JsonElement json)
    {
        TotalsAccumulator[] totals = [.. json.GetProperty("accumulated").EnumerateArray().Select(TotalsAccumulator.Read)];
        foreach (JsonElement element in json.GetProperty("cases").EnumerateArray())
        {
            CaseResult result = ReportJson.ReadCase(element, _metrics, totals.Length);
            if (!_cases.TryAdd(result.Name, result))
            {
                throw Twice(result.Name);
            }
        }

        if (totals.Length == 0)
        {
            return;
        }

        _totals ??= [.. totals.Select(_ => new TotalsAccumulator())];
        if (_totals.Length != totals.Length)
        {
            throw new EvaluationException(
                $"Set '{_options.SetName}': received parts of {_totals.Length} and {totals.Length} labels; expected the same. Evaluate "
                    + $"every part with the same labels.");
        }

        for (int label = 0; label < totals.Length; label++)
        {
            _totals[label].Add(totals[label]);
        }
    }

    private EvaluationException Twice(string name) => new(
        $"Set '{_options.SetName}': received two cases named '{name}'; expected names that differ. Add the folder "
            + $"or the patient to the name.");

    private void Add(CaseResult result, MapMetrics[] metrics)
    {
        int done;
        lock (_lock)
        {
            _totals ??= [.. metrics.Select(_ => new TotalsAccumulator())];
            int expected = _options.LabelNames?.Count ?? _totals.Length;
            if (metrics.Length != expected || metrics.Length != _totals.Length)
            {
                throw new EvaluationException(
                    $"Case '{result.Name}': received {metrics.Length} labels; expected {expected}, as the label names or the other "
                        + $"cases have. Evaluate every case with the same labels.");
            }

            if (_options.Thresholds is { } thresholds && thresholds.Thresholds.Count != metrics.Length)
            {
                throw new EvaluationException(
                    $"Case '{result.Name}': received {metrics.Length} labels with {thresholds.Thresholds.Count} chosen thresholds; "
                        + $"expected one for each label. Sweep the thresholds on the same labels.");
            }

            if (_options.SurfaceTolerances is { } tolerances && tolerances.Count != metrics.Length)
            {
                throw new EvaluationException(
                    $"Case '{result.Name}': received {metrics.Length} labels with {tolerances.Count} surface tolerances; expected one for "
                        + $"each label. Give every label a tolerance, or one to all with SurfaceTolerance.");
            }

            if (!_cases.TryAdd(result.Name, result))
            {
                throw Twice(result.Name);
            }

            for (int label = 0; label < metrics.Length; label++)
            {
                _totals[label].Add(metrics[label], !LabelResult.IsLeftOut(_options.EmptyTruths, metrics[label].Counts));
            }

            done = _cases.Count;
        }

        _progress?.Report(done);
    }

    private MapMetrics MeasureLabel(EvaluationCase evaluated, int label)
    {
        FloatImage probability = evaluated.Probability;
        int count = probability.Height * probability.Width;
        bool[] rented = ArrayPool<bool>.Shared.Rent(count);
        try
        {
            Span<bool> truth = rented.AsSpan(0, count);
            MapCheck.Binarise(evaluated.Truth[label].Data, truth);
            MetricOptions options = _options.Metrics with
            {
                Threshold = _options.Thresholds is { } chosen && label < chosen.Thresholds.Count
                    ? chosen.Thresholds[label]
                    : _options.Metrics.Threshold,
                SurfaceTolerance = _options.SurfaceTolerances is { } tolerances && label < tolerances.Count
                    ? tolerances[label]
                    : _options.Metrics.SurfaceTolerance,
                Spacing = evaluated.Spacing ?? _options.Metrics.Spacing,
            };
            return evaluated.Ignored is { } ignored
                ? MapMetrics.Compute(probability.Plane(label), truth, ignored, options)
                : MapMetrics.Compute(probability.Plane(label), truth, probability.Height, probability.Width, options);
        }
        catch (InvalidMapException exception)
        {
            throw new EvaluationException($"Case '{evaluated.Name}', label {label}: {exception.Message}", exception);
        }
        finally
        {
            ArrayPool<bool>.Shared.Return(rented);
        }
    }
}
