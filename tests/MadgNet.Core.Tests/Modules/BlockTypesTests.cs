using MadgNet.Core.Tests.Support;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Tests.Modules;

/// <summary>Every block in every floating-point type, forward and backward, against itself in double precision.</summary>
public class BlockTypesTests
{
    public static TheoryData<string> Names => BlockCatalogue.NamesWithEncoders;

    /// <summary>
    /// Errors are in the norm of each tensor, where single extremes that rounding moves to a neighbour do not decide, and at least of
    /// a tenth of the largest gradient: that of a bias before batch normalisation is zero but for rounding. bfloat16 has eight
    /// bits: a rounding is up to 0.004, and a block is a handful of them, twice. Encoders are in evaluation mode, because the batch
    /// statistics of their last, smallest maps magnify what is before them; in bfloat16 their gradients have to be finite.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Output_and_gradients_are_those_of_double_precision(string name)
    {
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> exact = Pass(name, ScalarType.Float64);
        double largest = exact.Where(each => each.Key.StartsWith("gradient", StringComparison.Ordinal))
            .Max(each => each.Value.norm().item<double>());
        foreach ((ScalarType type, double tolerance) in new[]
        {
            (ScalarType.Float32, IsEncoder(name) ? 1e-2 : 1e-4),
            (ScalarType.BFloat16, 0.2)
        })
        {
            Dictionary<string, Tensor> actual = Pass(name, type);
            Assert.Equal(exact.Keys.Order(), actual.Keys.Order());
            foreach ((string what, Tensor expected) in exact)
            {
                Assert.True(actual[what].dtype == type, $"{what} is {actual[what].dtype}");
                Tensor wide = actual[what].to(ScalarType.Float64);
                Assert.True(wide.isfinite().all().item<bool>(), $"{type}: {what} is not finite");
                bool gradient = what.StartsWith("gradient", StringComparison.Ordinal);
                if (gradient && IsEncoder(name) && type == ScalarType.BFloat16)
                {
                    continue;
                }

                double size = Math.Max(expected.norm().item<double>(), gradient ? 0.1 * largest : 1e-2);
                double error = (wide - expected).norm().item<double>() / size;
                Assert.True(error <= tolerance, $"{type}: {what} is off by {error:G3} of its norm {size:G3}");
            }
        }
    }

    /// <summary>float16 has eleven bits and a small range; predictions keep within it where the maps do.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Predictions_in_float16_are_those_of_double_precision(string name)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        BlockCatalogue block = BlockCatalogue.Get(name);
        using Module exact = block.Build(ScalarType.Float64);
        using Module half = block.Build(ScalarType.Float16);
        exact.eval();
        half.eval();
        foreach ((Tensor expected, Tensor actual) in block.Run(exact, block.Inputs(ScalarType.Float64))
            .Zip(block.Run(half, block.Inputs(ScalarType.Float16))))
        {
            Assert.Equal(ScalarType.Float16, actual.dtype);
            double error = (actual.to(ScalarType.Float64) - expected).norm().item<double>() / expected.norm().item<double>();
            Assert.True(error <= (IsEncoder(name) ? 0.05 : 0.01), $"off by {error:G3} of the norm");
        }
    }

    private static bool IsEncoder(string name) => name.StartsWith("Res", StringComparison.Ordinal) || name == "UNetEncoder";

    /// <summary>A pass forward and backward: outputs, and the gradients of inputs and parameters.</summary>
    private static Dictionary<string, Tensor> Pass(string name, ScalarType type)
    {
        BlockCatalogue block = BlockCatalogue.Get(name);
        using Module module = block.Build(type);
        module.train(!IsEncoder(name));
        Tensor[] inputs = block.Inputs(type);
        foreach (Tensor input in inputs)
        {
            input.requires_grad_();
        }

        IReadOnlyList<Tensor> outputs = block.Run(module, inputs);
        Tensor loss = outputs.Select((output, i) => (output * FixtureRule.Tensor($"gradient{i}", output.shape, -1, 1).to(type)).sum())
            .Aggregate((a, b) => a + b);
        loss.backward();
        var results = new Dictionary<string, Tensor>();
        for (int i = 0; i < outputs.Count; i++)
        {
            results.Add($"output {i}", outputs[i].detach());
        }

        for (int i = 0; i < inputs.Length; i++)
        {
            results.Add($"gradient of input {i}", inputs[i].grad!.clone());
        }

        foreach ((string parameterName, Parameter parameter) in module.named_parameters())
        {
            results.Add($"gradient of {parameterName}", parameter.grad!.clone());
        }

        return results;
    }
}
