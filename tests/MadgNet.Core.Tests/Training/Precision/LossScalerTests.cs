using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Precision;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Training.Precision;

public class LossScalerTests
{
    [Fact]
    public void The_scale_falls_at_once_and_rises_after_a_streak()
    {
        var scaler = new LossScaler(1024, 2, 0.5, 3);
        double[] expected = [512, 512, 512, 1024, 1024, 1024, 512, 512, 512, 1024];
        bool[] finite = [false, true, true, true, true, true, false, true, true, true];
        for (int i = 0; i < expected.Length; i++)
        {
            scaler.Update(finite[i]);
            Assert.Equal(expected[i], scaler.Factor);
        }
    }

    [Fact]
    public void The_scale_stays_usable_whatever_happens()
    {
        var scaler = new LossScaler(interval: 1);
        for (int i = 0; i < 100; i++)
        {
            scaler.Update(false);
        }

        Assert.Equal(Math.Pow(2, -24), scaler.Factor);
        for (int i = 0; i < 100; i++)
        {
            scaler.Update(true);
        }

        Assert.Equal(Math.Pow(2, 24), scaler.Factor);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Scaling_and_unscaling_gives_the_gradients_of_the_loss(ScalarType type)
    {
        using var plain = new Trainable(type);
        using var scaled = new Trainable(type);
        var scaler = new LossScaler();
        using var scope = NewDisposeScope();
        Loss(plain).backward();
        scaler.Scale(Loss(scaled)).backward();
        Assert.True(scaler.Unscale(scaled.Groups()));
        for (int i = 0; i < plain.Parameters.Count; i++)
        {
            // A power of two: no rounding.
            Bits.Equal(plain[i].grad!, scaled[i].grad!, $"gradient {i}");
        }

        static Tensor Loss(Trainable trainable) =>
            trainable.Parameters.Select(parameter => parameter.Value.square().sum()).Aggregate((a, b) => a + b);
    }

    [Fact]
    public void Small_losses_of_float16_survive()
    {
        using var scope = NewDisposeScope();
        Tensor loss = tensor(1e-6f).to(ScalarType.Float16);
        Tensor scaled = new LossScaler().Scale(loss);
        Assert.Equal(ScalarType.Float32, scaled.dtype);
        Assert.Equal(loss.to(ScalarType.Float32).item<float>() * 65536, scaled.item<float>());
        Assert.True(isfinite(new LossScaler(1 << 24).Scale(tensor(60000f).to(ScalarType.Float16))).item<bool>());
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void An_overflow_is_noticed(float value)
    {
        using var trainable = new Trainable();
        trainable.SetGradients(0);
        using var scope = NewDisposeScope();
        trainable[4].grad!.flatten()[99] = value;
        Assert.False(new LossScaler().Unscale(trainable.Groups()));
    }

    [Fact]
    public void A_resumed_scaler_goes_on_the_same()
    {
        var whole = new LossScaler(100, 3, 0.3, 4);
        bool[] finite = [true, true, false, true, true, true, true, true, false, true];
        for (int i = 0; i < finite.Length; i++)
        {
            var resumed = new LossScaler(100, 3, 0.3, 4);
            resumed.LoadState(whole.SaveState());
            whole.Update(finite[i]);
            resumed.Update(finite[i]);
            Assert.Equal(whole.SaveState(), resumed.SaveState());
            Assert.Equal(whole.Factor, resumed.Factor);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("scaler;1")]
    [InlineData("scaler;0;0")]
    [InlineData("scaler;NaN;0")]
    [InlineData("scaler;1e99;0")]
    [InlineData("scaler;1;-1")]
    [InlineData("scaler;1;2000")]
    [InlineData("plateau;1;1")]
    public void A_state_of_something_else_is_refused_and_changes_nothing(string state)
    {
        var scaler = new LossScaler(512);
        Assert.Throws<TrainingStateException>(() => scaler.LoadState(state));
        Assert.Equal("scaler;512;0", scaler.SaveState());
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        Action[] wrong =
        [
            () => _ = new LossScaler(0),
            () => _ = new LossScaler(double.NaN),
            () => _ = new LossScaler(1e30),
            () => _ = new LossScaler(growth: 1),
            () => _ = new LossScaler(backoff: 1),
            () => _ = new LossScaler(backoff: 0),
            () => _ = new LossScaler(interval: 0),
        ];
        Assert.All(wrong, action => Assert.Throws<ArgumentOutOfRangeException>(action));
    }

    [Fact]
    public void No_tensor_is_left_behind() => TensorLeak.None(() =>
    {
        using var trainable = new Trainable();
        trainable.SetGradients(0);
        var scaler = new LossScaler();
        using Tensor loss = ones(1);
        using Tensor scaled = scaler.Scale(loss);
        scaler.Unscale(trainable.Groups());
    });
}
