using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training.Precision;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Tests.Training.Precision;

public class AutocastTests
{
    [Fact]
    public void A_convolution_computes_in_bfloat16_inside_and_in_float32_outside()
    {
        using var scope = NewDisposeScope();
        using Conv2d convolution = Conv2d(3, 4, 3, bias: false);
        Tensor image = ones(1, 3, 8, 8);
        Assert.True(Autocast.IsAvailable);
        Assert.False(Autocast.IsEnabled(DeviceType.CPU));
        using (Autocast.Enter(DeviceType.CPU, ScalarType.BFloat16))
        {
            Assert.True(Autocast.IsEnabled(DeviceType.CPU));
            Assert.False(Autocast.IsEnabled(DeviceType.CUDA));
            Assert.Equal(ScalarType.BFloat16, convolution.call(image).dtype);
            Assert.Equal(ScalarType.BFloat16, matmul(image, image.transpose(2, 3)).dtype);
            Assert.Equal(ScalarType.Float32, image.add(image).dtype);
            Assert.Equal(ScalarType.Float32, convolution.weight!.dtype);
        }

        Assert.False(Autocast.IsEnabled(DeviceType.CPU));
        Assert.Equal(ScalarType.Float32, convolution.call(image).dtype);
    }

    [Fact]
    public void Scopes_nest_and_each_restores_what_was_before()
    {
        using var scope = NewDisposeScope();
        Tensor matrix = ones(4, 4);
        using (Autocast.Enter(DeviceType.CPU, ScalarType.BFloat16))
        {
            using (Autocast.Enter(DeviceType.CPU, ScalarType.Float16))
            {
                Assert.Equal(ScalarType.Float16, matmul(matrix, matrix).dtype);
            }

            Assert.Equal(ScalarType.BFloat16, matmul(matrix, matrix).dtype);
            using (Autocast inner = Autocast.Enter(DeviceType.CPU, ScalarType.BFloat16))
            {
                inner.Dispose();
                inner.Dispose();
            }

            Assert.Equal(ScalarType.BFloat16, matmul(matrix, matrix).dtype);
        }

        Assert.Equal(ScalarType.Float32, matmul(matrix, matrix).dtype);
    }

    [Fact]
    public void An_exception_leaves_float32_behind()
    {
        using var scope = NewDisposeScope();
        Tensor matrix = ones(4, 4);
        using Conv2d convolution = Conv2d(3, 4, 3, bias: false);
        Assert.ThrowsAny<Exception>((Action)(() =>
        {
            using (Autocast.Enter(DeviceType.CPU, ScalarType.BFloat16))
            using (Autocast.Enter(DeviceType.CPU, ScalarType.BFloat16))
            {
                convolution.call(ones(1, 5, 8, 8));
            }
        }));
        Assert.False(Autocast.IsEnabled(DeviceType.CPU));
        Assert.Equal(ScalarType.Float32, matmul(matrix, matrix).dtype);
    }

    [Fact]
    public void Other_threads_are_not_affected_and_cannot_leave()
    {
        IDisposable entered = Autocast.Enter(DeviceType.CPU, ScalarType.BFloat16);
        try
        {
            // A thread of its own: a task could run on this one.
            (ScalarType Type, bool Enabled, Exception? Exception) seen = default;
            var thread = new Thread(() =>
            {
                using var scope = NewDisposeScope();
                Tensor matrix = ones(4, 4);
                seen = (matmul(matrix, matrix).dtype, Autocast.IsEnabled(DeviceType.CPU), Record.Exception(entered.Dispose));
            });
            thread.Start();
            thread.Join();
            Assert.Equal(ScalarType.Float32, seen.Type);
            Assert.False(seen.Enabled);
            Assert.IsType<InvalidOperationException>(seen.Exception);
            Assert.True(Autocast.IsEnabled(DeviceType.CPU));
        }
        finally
        {
            entered.Dispose();
        }

        Assert.False(Autocast.IsEnabled(DeviceType.CPU));
    }

    [Fact]
    public void Weights_that_changed_are_cast_anew_in_the_next_scope()
    {
        using var scope = NewDisposeScope();
        using Conv2d convolution = Conv2d(1, 1, 1, bias: false);
        Tensor image = ones(1, 1, 1, 1);
        foreach (float value in (float[])[2, 3])
        {
            using (no_grad())
            {
                convolution.weight!.fill_(value);
            }

            using (Autocast.Enter(DeviceType.CPU, ScalarType.BFloat16))
            {
                Assert.Equal(value, convolution.call(image).to(ScalarType.Float32).item<float>());
            }
        }
    }

    [Fact]
    public void Gradients_are_float32_and_near_those_of_float32()
    {
        using var scope = NewDisposeScope();
        using Conv2d convolution = Conv2d(3, 8, 3, bias: false);
        Tensor image = FixtureRule.Tensor("image", [2, 3, 16, 16], 0, 1);
        convolution.call(image).square().mean().backward();
        Tensor expected = convolution.weight!.grad!.clone();
        convolution.weight.grad = null;
        Tensor output;
        using (Autocast.Enter(DeviceType.CPU, ScalarType.BFloat16))
        {
            output = convolution.call(image);
        }

        output.to(ScalarType.Float32).square().mean().backward();
        Assert.Equal(ScalarType.Float32, convolution.weight.grad!.dtype);

        // bfloat16 keeps 8 bits of mantissa.
        Close.Relative(expected, convolution.weight.grad, 0.03, "gradient");
    }

    [Fact]
    public void The_channel_attention_weighs_a_map_of_bfloat16_as_it_weighs_one_of_float32()
    {
        using var scope = NewDisposeScope();
        using var attention = new MultiFrequencyChannelAttention(32, 7, 8);
        Tensor map = FixtureRule.Tensor("map", [2, 32, 14, 14], -1, 1).to(ScalarType.BFloat16);
        Tensor wide = map.to(ScalarType.Float32).requires_grad_();
        Tensor half = map.clone().requires_grad_();
        Tensor expected = attention.call(wide);
        Tensor actual;
        using (Autocast.Enter(DeviceType.CPU, ScalarType.BFloat16))
        {
            actual = attention.call(half);
        }

        Assert.Equal(ScalarType.BFloat16, actual.dtype);
        Close.Relative(expected, actual, 0.02, "weighted map");
        expected.sum().backward();
        actual.to(ScalarType.Float32).sum().backward();
        Assert.Equal(ScalarType.BFloat16, half.grad!.dtype);
        Close.Relative(wide.grad!, half.grad, 0.03, "gradient");
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        using Conv2d convolution = Conv2d(3, 8, 3, bias: false);
        TensorLeak.None(() =>
        {
            using var scope = NewDisposeScope();
            using IDisposable entered = Autocast.Enter(DeviceType.CPU, ScalarType.BFloat16);
            convolution.call(ones(1, 3, 8, 8));
        });
    }
}
