using MadgNet.Studies.Cells;
using MadgNet.Studies.Running;

namespace MadgNet.Studies.Tests.Support;

/// <summary>A study whose cells are drawn and not trained, so that the truth is known.</summary>
internal static class SimulatedStudy
{
    public static Study Create(int variants, int seeds) => new()
    {
        Name = "simulated",
        Question = "What is found where the truth is known?",
        Variants = [.. Enumerable.Range(0, variants).Select(index => new StudyVariant { Name = $"v{index}" })],
        Baseline = "v0",
        Seeds = [.. Enumerable.Range(0, seeds).Select(seed => (long)seed)],
        Protocol = new StudyProtocol { Seen = [new StudySet("seen")], Unseen = [new StudySet("unseen")] },
        Budget = new StudyBudget { Steps = 1 },
        Metrics = ["Dice"],
    };

    /// <summary>Cells with an effect for each variant, seed noise and case noise.</summary>
    public static List<StudyCell> Draw(
        Study study, Normal normal, int cases, IReadOnlyList<double> effects, double seedDeviation = 0.02, double caseDeviation = 0.1)
    {
        Dictionary<string, double[]> difficulty = new[] { "seen", "unseen" }.ToDictionary(set => set, _ => normal.Next(cases));
        var cells = new List<StudyCell>();
        foreach (StudyCellKey key in study.Cells)
        {
            int index = study.Variants.ToList().FindIndex(variant => variant.Name == key.Variant);
            double ofSeed = seedDeviation * normal.Next();
            cells.Add(Cell(study, key, [.. difficulty.Select(set => new CellSet(
                set.Key,
                set.Key == "seen",
                [.. Enumerable.Range(0, cases).Select(number => $"case{number:D3}")],
                new Dictionary<string, IReadOnlyList<double>>
                {
                    ["Dice"] = [.. set.Value.Select(hard =>
                        0.6 + (caseDeviation * hard) + effects[index] + ofSeed + (caseDeviation / 2 * normal.Next()))],
                }))]));
        }

        return cells;
    }

    public static StudyCell Cell(Study study, StudyCellKey key, IReadOnlyList<CellSet> sets) => new()
    {
        Study = study.Name,
        Key = key,
        Fingerprint = StudyFingerprint.Of(study, study.Variants.First(variant => variant.Name == key.Variant)),
        Data = "data",
        Status = CellStatus.Done,
        Parameters = 1_000_000,
        Gigaflops = 0.5,
        TrainingImages = 10,
        Steps = 1,
        Size = 64,
        Curve = new CellCurve([1], [0.5], [1], [0.4]),
        Sets = sets,
        Cost = new CellCost(0.1, 5, 1_000_000, 1, "test"),
    };
}
