using MadgNet.Core.Runtime;

namespace MadgNet.Core.Benchmarks;

/// <summary>Draws convolutions, computes each forward and backward as networks do, and compares with double precision.</summary>
internal sealed class ArithmeticSoak : ISoak
{
    // Short enough that Ctrl-C is answered and progress is seen.
    private const int Part = 100;

    public string Name => "arithmetic";

    public string Summary =>
        "Draws convolutions, forward and backward, float32 and bfloat16, both memory orders; none may differ from double precision.";

    public int DefaultCount => 1_000;

    public bool Run(int count, TextWriter output, CancellationToken cancellationToken)
    {
        output.WriteLine(NativeRuntime.Describe());
        var wrong = new List<ArithmeticFinding>();
        double worst = 0;
        double worst16Bit = 0;
        for (int done = 0; done < count; done += Part)
        {
            var options = new ArithmeticCheckOptions { RandomConvolutions = Math.Min(Part, count - done), Seed = done };
            try
            {
                ArithmeticReport report = NativeRuntime.VerifyArithmetic(options, cancellationToken);
                wrong.AddRange(report.Wrong);
                worst = Math.Max(worst, report.Worst);
                worst16Bit = Math.Max(worst16Bit, report.Worst16Bit);
            }
            catch (WrongArithmeticException exception)
            {
                wrong.AddRange(exception.Findings);
            }
        }

        foreach (ArithmeticFinding finding in wrong)
        {
            output.WriteLine(finding);
        }

        output.WriteLine(NativeRuntime.Describe().Arithmetic);
        output.WriteLine(Measuring.Text($"worst of bfloat16 {worst16Bit:G2}"));
        output.WriteLine(Measuring.Text($"soak arithmetic: {count} convolutions, {wrong.Count} wrong, worst {worst:E1}")
            .Replace("E-0", "e-", StringComparison.Ordinal));
        return wrong.Count == 0;
    }
}
