using MadgNet.Core.Runtime;
using Microsoft.ML.OnnxRuntime;

namespace MadgNet.Onnx.Tests;

public class OnnxArithmeticTests
{
    [Fact]
    public void Onnx_runtime_answers_the_known_question()
    {
        using var options = new SessionOptions();
        Assert.InRange(OnnxArithmetic.Measure(options), 1e-9, 2e-6);
        OnnxArithmetic.EnsureVerified();
    }

    [Fact]
    public void What_a_host_configures_is_asked_too()
    {
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL };
        OnnxArithmetic.EnsureVerified(options);
    }

    [Theory]
    [InlineData(0.9f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_wrong_answer_is_an_exception_that_names_the_operation(float value)
    {
        double error = OnnxArithmetic.Error([1, 0.5], [value, 0.5f]);

        WrongArithmeticException exception =
            Assert.Throws<WrongArithmeticException>(() => OnnxArithmetic.ThrowIfWrong(error, "the processor"));
        Assert.Contains("convolutions of 1×13×9×10 in ONNX Runtime on the processor", exception.Message, StringComparison.Ordinal);
        Assert.Single(exception.Findings);
    }

    [Fact]
    public void Rounding_is_no_error() => OnnxArithmetic.ThrowIfWrong(OnnxArithmetic.Error([1, 0.5], [1 + 1e-6f, 0.5f]), "the processor");
}
