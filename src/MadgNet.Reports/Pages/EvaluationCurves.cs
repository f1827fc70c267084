using MadgNet.Core.Metrics;

namespace MadgNet.Reports.Pages;

/// <summary>
/// What a page needs of an evaluation's maps beside the report's numbers: the mean Dice over the threshold, and how far probabilities are
/// from frequencies. It looks at cases while they are evaluated and keeps none of them.
/// </summary>
/// <example>
/// <code>
/// var curves = new EvaluationCurves();
/// EvaluationReport report = evaluator.Evaluate(curves.Watch(cases));
/// EvaluationPage.Create(report, curves).Save("report.html");
/// </code>
/// </example>
public sealed class EvaluationCurves
{
    private readonly List<double[]> _dice = [];
    private readonly List<CalibrationTable> _calibration = [];

    /// <summary>How many cases were seen.</summary>
    public int Cases { get; private set; }

    /// <summary>The thresholds of <see cref="Dice"/>, ascending; empty before the first case.</summary>
    public IReadOnlyList<double> Thresholds { get; private set; } = [];

    /// <summary>For each label, the mean Dice of the cases at each of the thresholds.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Dice => [.. _dice.Select(label => label.Select(sum => sum / Cases).ToArray())];

    /// <summary>For each label, how probabilities and frequencies go together.</summary>
    public IReadOnlyList<CalibrationTable> Calibration => _calibration;

    /// <summary>Passes cases on and looks at each.</summary>
    /// <param name="cases">The cases; enumerated as the result is.</param>
    /// <returns>The same cases.</returns>
    public IEnumerable<EvaluationCase> Watch(IEnumerable<EvaluationCase> cases)
    {
        ArgumentNullException.ThrowIfNull(cases);
        return Each();

        IEnumerable<EvaluationCase> Each()
        {
            foreach (EvaluationCase evaluated in cases)
            {
                Add(evaluated);
                yield return evaluated;
            }
        }
    }

    /// <summary>Looks at one case.</summary>
    /// <param name="evaluated">The case.</param>
    /// <exception cref="EvaluationException">The case has other labels than those before, or its maps cannot be measured.</exception>
    public void Add(EvaluationCase evaluated)
    {
        ArgumentNullException.ThrowIfNull(evaluated);
        if (Cases > 0 && evaluated.Truth.Count != _dice.Count)
        {
            throw new EvaluationException(
                $"Case '{evaluated.Name}': received {evaluated.Truth.Count} labels; expected {_dice.Count} as the cases before it. Evaluate "
                    + $"cases of the same labels.");
        }

        // Its sums over a single case are the case's own Dice at each threshold.
        ThresholdSweep sweep = ThresholdSweep.Run("case", [evaluated]);
        for (int label = 0; label < evaluated.Truth.Count; label++)
        {
            var truth = new bool[evaluated.Truth[label].Data.Length];
            for (int i = 0; i < truth.Length; i++)
            {
                truth[i] = evaluated.Truth[label].Data[i] >= 0.5f;
            }

            var table = CalibrationTable.Compute(
                evaluated.Probability.Plane(label), truth, evaluated.Probability.Height, evaluated.Probability.Width);
            if (Cases == 0)
            {
                _dice.Add([.. sweep.Scores[label]]);
                _calibration.Add(table);
                continue;
            }

            _calibration[label] += table;
            for (int step = 0; step < _dice[label].Length; step++)
            {
                _dice[label][step] += sweep.Scores[label][step];
            }
        }

        Thresholds = sweep.Thresholds;
        Cases++;
    }
}
