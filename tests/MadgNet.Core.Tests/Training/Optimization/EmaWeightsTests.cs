using MadgNet.Core.Models;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using ChannelsLast = MadgNet.Core.Training.Precision.ChannelsLast;

namespace MadgNet.Core.Tests.Training.Optimization;

public class EmaWeightsTests
{
    [Theory]
    [InlineData(true, ScalarType.Float32)]
    [InlineData(false, ScalarType.Float32)]
    [InlineData(true, ScalarType.Float64)]
    public void Updates_follow_the_formula(bool warmUp, ScalarType type)
    {
        using MadgNetModel model = TinyModel.Create();
        model.to(type);
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> expected = model.state_dict()
            .ToDictionary(entry => entry.Key, entry => entry.Value.detach().to(ScalarType.Float64).clone());
        using var average = new EmaWeights(model, 0.9, warmUp);
        for (int n = 1; n <= 100; n++)
        {
            Move(model, n);
            average.Update();
            double decay = warmUp ? Math.Min(0.9, (1.0 + n) / (10 + n)) : 0.9;
            foreach ((string name, Tensor weight) in model.state_dict())
            {
                Tensor wide = weight.detach().to(ScalarType.Float64);
                expected[name] = weight.is_floating_point() ? (expected[name] * decay) + (wide * (1 - decay)) : wide;
            }
        }

        Assert.Equal(100, average.Updates);
        foreach ((string name, Tensor tensor) in expected)
        {
            Close.Relative(tensor, average.State()["average/" + name], type == ScalarType.Float32 ? 1e-5 : 1e-13, name);
        }
    }

    [Fact]
    public void Swapping_in_and_out_gives_back_the_same_bits()
    {
        using MadgNetModel model = TinyModel.Create();
        using var average = new EmaWeights(model, 0.9);
        Move(model, 1);
        average.Update();
        Dictionary<string, byte[]> weights = Snapshot(model.state_dict());
        Dictionary<string, byte[]> averages = Snapshot(average.State());
        using (average.Apply())
        {
            Assert.Equal(Strip(averages), Snapshot(model.state_dict()));
            Assert.Throws<InvalidOperationException>(average.Update);
            Assert.Throws<InvalidOperationException>(() => average.Apply());
            Assert.Throws<InvalidOperationException>(() => average.State());
            Assert.Throws<InvalidOperationException>(() => average.LoadState(new Dictionary<string, Tensor>()));
        }

        Assert.Equal(weights, Snapshot(model.state_dict()));
        Assert.Equal(averages, Snapshot(average.State()));
        Assert.Throws<InvalidTimeZoneException>((Action)(() =>
        {
            using (average.Apply())
            {
                throw new InvalidTimeZoneException();
            }
        }));
        Assert.Equal(weights, Snapshot(model.state_dict()));
        IDisposable old = average.Apply();
        old.Dispose();
        old.Dispose();
        Assert.Equal(weights, Snapshot(model.state_dict()));
        using (average.Apply())
        {
            // One that has ended before ends no later swap.
            old.Dispose();
            Assert.Equal(Strip(averages), Snapshot(model.state_dict()));
        }
    }

    [Fact]
    public void Weights_in_another_memory_order_are_averaged_and_swapped()
    {
        using MadgNetModel plain = TinyModel.Create();
        using MadgNetModel turned = TinyModel.Create();
        ChannelsLast.Apply(turned, true);
        using var first = new EmaWeights(plain, 0.5);
        using var second = new EmaWeights(turned, 0.5);
        for (int n = 0; n < 3; n++)
        {
            Move(plain, n);
            Move(turned, n);
            first.Update();
            second.Update();
            ChannelsLast.Apply(turned, n == 1);
        }

        using (first.Apply())
        using (second.Apply())
        {
            Assert.Equal(Snapshot(plain.state_dict()), Snapshot(turned.state_dict()));
        }

        Assert.Equal(Snapshot(plain.state_dict()), Snapshot(turned.state_dict()));
    }

    [Fact]
    public void What_does_not_move_keeps_its_bits()
    {
        using MadgNetModel model = TinyModel.Create();
        Dictionary<string, byte[]> weights = Snapshot(model.state_dict());
        using var average = new EmaWeights(model, 0.99);
        for (int n = 0; n < 20; n++)
        {
            average.Update();
        }

        Assert.Equal(weights, Strip(Snapshot(average.State())));
    }

    [Fact]
    public void A_resumed_average_goes_on_with_the_same_bits()
    {
        using MadgNetModel model = TinyModel.Create();
        using var whole = new EmaWeights(model, 0.95);
        for (int n = 0; n < 4; n++)
        {
            Move(model, n);
            whole.Update();
        }

        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> saved = whole.State().ToDictionary(entry => entry.Key, entry => entry.Value.clone());
        using var resumed = new EmaWeights(model, 0.95);
        resumed.LoadState(saved);
        for (int n = 4; n < 8; n++)
        {
            Move(model, n);
            whole.Update();
            resumed.Update();
        }

        Assert.Equal(8, resumed.Updates);
        Assert.Equal(Snapshot(whole.State()), Snapshot(resumed.State()));
    }

    [Fact]
    public void A_state_that_does_not_fit_is_refused_whole()
    {
        using MadgNetModel model = TinyModel.Create();
        using var average = new EmaWeights(model);
        using var scope = NewDisposeScope();
        Dictionary<string, byte[]> before = Snapshot(average.State());
        Dictionary<string, Tensor> state = average.State()
            .ToDictionary(entry => entry.Key, entry => entry.Value.is_floating_point() ? entry.Value + 1 : entry.Value);
        string name = state.Keys.First(key => key.EndsWith("weight", StringComparison.Ordinal));
        state[name] = zeros(1);
        state["stranger"] = zeros(1);
        state.Remove("updates");
        TrainingStateException exception = Assert.Throws<TrainingStateException>(() => average.LoadState(state));
        Assert.Equal(
            new[] { name, "stranger", "updates" }.Order(StringComparer.Ordinal),
            exception.Problems.Select(problem => problem.Subject).Order(StringComparer.Ordinal));
        Assert.Equal(before, Snapshot(average.State()));
    }

    [Fact]
    public void Disposing_gives_the_model_its_weights_back()
    {
        using MadgNetModel model = TinyModel.Create();
        var average = new EmaWeights(model, 0.5);
        Move(model, 1);
        Dictionary<string, byte[]> weights = Snapshot(model.state_dict());
        IDisposable swap = average.Apply();
        average.Dispose();
        swap.Dispose();
        average.Dispose();
        Assert.Equal(weights, Snapshot(model.state_dict()));
        Assert.Throws<ObjectDisposedException>(average.Update);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void A_decay_out_of_range_is_refused(double decay)
    {
        using MadgNetModel model = TinyModel.Create();
        Assert.Throws<ArgumentOutOfRangeException>(() => new EmaWeights(model, decay));
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        using MadgNetModel model = TinyModel.Create();
        TensorLeak.None(() =>
        {
            using var average = new EmaWeights(model);
            average.Update();
            using (average.Apply())
            {
                _ = average.Updates;
            }

            average.LoadState(average.State());
        });
    }

    /// <summary>Moves every weight and running statistic as training would.</summary>
    private static void Move(nn.Module model, int step)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        foreach ((string name, Tensor tensor) in model.state_dict())
        {
            tensor.add_(
                tensor.is_floating_point()
                    ? FixtureRule.Tensor($"{name} {step}", tensor.shape, -0.1, 0.2).to(tensor.dtype)
                    : ones_like(tensor));
        }
    }

    private static Dictionary<string, byte[]> Snapshot(IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        using var scope = NewDisposeScope();
        return tensors.ToDictionary(entry => entry.Key, entry => entry.Value.detach().contiguous().bytes.ToArray());
    }

    private static Dictionary<string, byte[]> Strip(Dictionary<string, byte[]> state) =>
        state.Where(entry => entry.Key != "updates").ToDictionary(entry => entry.Key["average/".Length..], entry => entry.Value);
}
