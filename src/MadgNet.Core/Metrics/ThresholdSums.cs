using System.Text.Json;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Metrics;

/// <summary>
/// A threshold sweep in progress: the scores of cases at the thresholds 0.01, 0.02 … 0.99, added up exactly, so that parts of a set
/// that were gone through elsewhere can be joined to the same bits.
/// </summary>
internal sealed class ThresholdSums(Metric metric)
{
    private const int Steps = 100;
    private const string SumsName = "thresholdSums";
    private const string CasesName = "thresholdCases";

    private readonly double[] _thresholds = [.. Enumerable.Range(1, Steps - 1).Select(step => (double)step / Steps)];
    private Int128[][]? _sums;
    private int _cases;

    /// <summary>Adds a case.</summary>
    public void Add(EvaluationCase evaluated)
    {
        _sums ??= Empty(evaluated.Truth.Count);
        if (_sums.Length != evaluated.Truth.Count)
        {
            throw new EvaluationException(
                $"Case '{evaluated.Name}': received {evaluated.Truth.Count} labels; expected {_sums.Length} as the cases before it. "
                    + $"Sweep cases of the same labels.");
        }

        for (int label = 0; label < _sums.Length; label++)
        {
            AddScores(evaluated, label, _sums[label]);
        }

        _cases++;
    }

    /// <summary>Writes the sums into an object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteNumber(CasesName, _cases);
        json.WriteStartArray(SumsName);
        foreach (Int128[] label in _sums ?? [])
        {
            ExactSum.Write(json, label);
        }

        json.WriteEndArray();
    }

    /// <summary>Adds what <see cref="Write"/> wrote.</summary>
    public void Add(JsonElement json)
    {
        Int128[][] sums = [.. json.GetProperty(SumsName).EnumerateArray().Select(ExactSum.Read)];
        _cases += json.GetProperty(CasesName).GetInt32();
        if (sums.Length == 0)
        {
            return;
        }

        _sums ??= Empty(sums.Length);
        for (int label = 0; label < _sums.Length; label++)
        {
            for (int step = 0; step < _thresholds.Length; step++)
            {
                _sums[label][step] += sums[label][step];
            }
        }
    }

    /// <summary>The scores and the best thresholds.</summary>
    /// <exception cref="EvaluationException">There is no case.</exception>
    public ThresholdSweep ToSweep(string validationSetName)
    {
        if (_sums is null)
        {
            throw new EvaluationException(
                $"Set '{validationSetName}': received no cases; expected at least one. Check the folder or the split that the set is "
                    + $"read from.");
        }

        double[][] scores = [.. _sums.Select(label => label.Select(sum => ExactSum.ToDouble(sum) / _cases).ToArray())];
        return ThresholdSweep.Of(validationSetName, metric, _thresholds, scores);
    }

    private Int128[][] Empty(int labels) => [.. Enumerable.Range(0, labels).Select(_ => new Int128[_thresholds.Length])];

    private void AddScores(EvaluationCase evaluated, int label, Int128[] sums)
    {
        FloatImage probability = evaluated.Probability;
        ReadOnlySpan<float> prediction = probability.Plane(label);
        var truth = new bool[prediction.Length];
        try
        {
            MapCheck.Binarise(evaluated.Truth[label].Data, truth);
            MapCheck.Pair(prediction, truth, probability.Height, probability.Width);
        }
        catch (InvalidMapException exception)
        {
            throw new EvaluationException($"Case '{evaluated.Name}', label {label}: {exception.Message}", exception);
        }

        // How many thresholds each pixel reaches, by class: one pass serves all thresholds.
        var pixels = new long[_thresholds.Length + 1];
        var foreground = new long[_thresholds.Length + 1];
        for (int i = 0; i < prediction.Length; i++)
        {
            int reached = Reached(prediction[i]);
            pixels[reached]++;
            foreground[reached] += truth[i] ? 1 : 0;
        }

        long actual = foreground.Sum();
        long positive = 0;
        long both = 0;
        for (int step = _thresholds.Length - 1; step >= 0; step--)
        {
            positive += pixels[step + 1];
            both += foreground[step + 1];
            ConfusionCounts counts = ConfusionCounts.FromSums(both, positive, actual, prediction.Length);
            sums[step] += ExactSum.FromDouble(metric == Metric.Dice ? counts.Dice : counts.IntersectionOverUnion);
        }
    }

    /// <summary>The number of thresholds at or below a probability, to the same comparisons as an evaluation makes.</summary>
    private int Reached(float probability)
    {
        int reached = Math.Min((int)(probability * Steps), _thresholds.Length);
        while (reached < _thresholds.Length && probability >= _thresholds[reached])
        {
            reached++;
        }

        while (reached > 0 && probability < _thresholds[reached - 1])
        {
            reached--;
        }

        return reached;
    }
}
