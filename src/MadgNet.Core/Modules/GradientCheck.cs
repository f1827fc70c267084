using MadgNet.Core.Foundation;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules;

/// <summary>
/// Checks the gradients of a block, its inputs' and its parameters', against central finite differences in double precision:
/// what a hand-written backward pass or a detached tensor has to stand up to.
/// </summary>
/// <remarks>
/// The block runs in the mode that it is in. In training mode batch normalisation's running statistics follow the passes, as in any
/// forward pass, and are put back afterwards. A block with maxima or ReLUs has no derivative at a few points; an element that
/// the step takes across one shows as a difference, which a smaller step or other inputs tell from a fault.
/// </remarks>
/// <example>
/// <code>
/// using var block = new SqueezeAndExcitation(8);
/// block.to(torch.float64);
/// using torch.Tensor input = torch.randn(2, 8, 6, 5, torch.float64);
/// GradientCheckResult result = GradientCheck.Run(block, input);
/// </code>
/// </example>
public static class GradientCheck
{
    /// <summary>Checks a block of one input and one output with the default options.</summary>
    /// <param name="module">The block, its weights in float64.</param>
    /// <param name="input">A float64 input of finite values; it is not changed.</param>
    /// <returns>The worst difference and where it is.</returns>
    /// <exception cref="TensorShapeException">The input or a parameter is not float64.</exception>
    public static GradientCheckResult Run(Module<Tensor, Tensor> module, Tensor input) => Run(module, input, options: null);

    /// <summary>Checks a block of one input and one output.</summary>
    /// <param name="module">The block, its weights in float64.</param>
    /// <param name="input">A float64 input of finite values; it is not changed.</param>
    /// <param name="options">How to compare; the defaults when null.</param>
    /// <returns>The worst difference and where it is.</returns>
    /// <exception cref="TensorShapeException">The input or a parameter is not float64.</exception>
    /// <exception cref="InvalidOptionsException">The options are out of their ranges.</exception>
    public static GradientCheckResult Run(Module<Tensor, Tensor> module, Tensor input, GradientCheckOptions? options)
    {
        ArgumentNullException.ThrowIfNull(module);
        return Run(module, [input], inputs => [module.call(inputs[0])], options);
    }

    /// <summary>Checks any block with the default options.</summary>
    /// <param name="module">The block, its weights in float64.</param>
    /// <param name="inputs">Float64 inputs of finite values; they are not changed.</param>
    /// <param name="forward">Runs the block on inputs like the given ones and returns its outputs, in the same order each time.</param>
    /// <returns>The worst difference and where it is.</returns>
    /// <exception cref="TensorShapeException">An input or a parameter is not float64.</exception>
    public static GradientCheckResult Run(
        Module module, IReadOnlyList<Tensor> inputs, Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> forward) =>
        Run(module, inputs, forward, options: null);

    /// <summary>Checks any block.</summary>
    /// <param name="module">The block, its weights in float64.</param>
    /// <param name="inputs">Float64 inputs of finite values; they are not changed.</param>
    /// <param name="forward">Runs the block on inputs like the given ones and returns its outputs, in the same order each time.</param>
    /// <param name="options">How to compare; the defaults when null.</param>
    /// <returns>The worst difference and where it is.</returns>
    /// <exception cref="TensorShapeException">An input or a parameter is not float64.</exception>
    /// <exception cref="InvalidOptionsException">The options are out of their ranges.</exception>
    public static GradientCheckResult Run(
        Module module,
        IReadOnlyList<Tensor> inputs,
        Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> forward,
        GradientCheckOptions? options)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(forward);
        options ??= new GradientCheckOptions();
        InvalidOptionsException.ThrowIfAny(nameof(GradientCheck), options.Validate());
        using DisposeScope scope = NewDisposeScope();
        var tensors = new List<(string Name, Tensor Values)>();
        for (int i = 0; i < inputs.Count; i++)
        {
            RequireDouble(inputs[i], $"input {i}", "Convert it with to(torch.float64)");
            tensors.Add(($"input {i}", inputs[i].detach().clone().requires_grad_()));
        }

        Tensor[] mine = [.. tensors.Select(each => each.Values)];
        var gradients = new List<(string Name, Parameter Parameter, Tensor? Before)>();
        foreach ((string name, Parameter parameter) in module.named_parameters())
        {
            RequireDouble(parameter, $"parameter {name}", "Convert the module with to(torch.float64)");
            if (parameter.requires_grad)
            {
                tensors.Add((name, parameter));
            }

            gradients.Add((name, parameter, parameter.grad));
            parameter.grad = null;
        }

        (Tensor Buffer, Tensor Before)[] buffers = [.. module.named_buffers().Select(each => (each.buffer, each.buffer.clone()))];
        try
        {
            return Compare(tensors, mine, forward, options);
        }
        finally
        {
            using var noGrad = no_grad();
            foreach ((_, Parameter parameter, Tensor? before) in gradients)
            {
                using (Tensor? made = parameter.grad)
                {
                    parameter.grad = before;
                }
            }

            foreach ((Tensor buffer, Tensor before) in buffers)
            {
                buffer.copy_(before);
            }
        }
    }

    private static GradientCheckResult Compare(
        List<(string Name, Tensor Values)> tensors,
        Tensor[] inputs,
        Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> forward,
        GradientCheckOptions options)
    {
        Tensor[] weights;
        using (DisposeScope pass = NewDisposeScope())
        {
            IReadOnlyList<Tensor> outputs = forward(inputs);
            weights = [.. outputs.Select((output, i) => Weights(output, options.Seed + i).MoveToOuterDisposeScope())];
            Weigh(outputs, weights).backward();
        }

        var worst = new GradientCheckResult(0, tensors[0].Name, 0, 0, 0, 0);
        int compared = 0;
        foreach ((string name, Tensor values) in tensors)
        {
            using Tensor? gradient = values.grad;
            double[] analytic = gradient is null ? new double[values.numel()] : Values(gradient);
            double scale = Math.Max(1, analytic.Max(Math.Abs));
            long count = Math.Min(values.numel(), options.ElementsPerTensor);
            for (long i = 0; i < count; i++)
            {
                long index = i * values.numel() / count;
                double numeric = Difference(values, index, inputs, weights, forward, options.Step);
                double error = Math.Abs(numeric - analytic[index]) / scale;
                compared++;
                if (!(error <= worst.WorstError) && !double.IsNaN(worst.WorstError))
                {
                    worst = new GradientCheckResult(error, name, index, analytic[index], numeric, 0);
                }
            }
        }

        return worst with { Compared = compared };
    }

    /// <summary>The derivative of the weighed sum by one element.</summary>
    private static double Difference(
        Tensor values,
        long index,
        Tensor[] inputs,
        Tensor[] weights,
        Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> forward,
        double step)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor element = values.detach().view(-1).narrow(0, index, 1);
        double center = element.item<double>();
        double above = At(center + step);
        double below = At(center - step);
        Set(center);

        // What was added, after rounding.
        return (above - below) / ((center + step) - (center - step));

        double At(double value)
        {
            Set(value);
            return Weigh(forward(inputs), weights).item<double>();
        }

        void Set(double value)
        {
            using Scalar scalar = value.ToScalar();
            element.fill_(scalar);
        }
    }

    /// <summary>Weights that differ from element to element: a plain sum hides errors that cancel out.</summary>
    private static Tensor Weights(Tensor output, long seed)
    {
        using var generator = new Generator((ulong)seed, CPU);
        using Tensor drawn = empty(output.shape, ScalarType.Float64, CPU);
        drawn.uniform_(-1, 1, generator);
        return drawn.to(ScalarType.Float64, output.device, copy: true);
    }

    private static Tensor Weigh(IReadOnlyList<Tensor> outputs, Tensor[] weights)
    {
        Tensor sum = (outputs[0] * weights[0]).sum();
        for (int i = 1; i < outputs.Count; i++)
        {
            sum = sum.Plus((outputs[i] * weights[i]).sum());
        }

        return sum;
    }

    private static double[] Values(Tensor tensor)
    {
        using Tensor detached = tensor.detach();
        using Tensor near = detached.cpu();
        using Tensor dense = near.contiguous();
        return dense.data<double>().ToArray();
    }

    private static void RequireDouble(Tensor tensor, string what, string remedy)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.dtype != ScalarType.Float64)
        {
            throw new TensorShapeException(new Problem(
                $"{nameof(GradientCheck)} {what}",
                TensorShapeException.Describe(tensor),
                "a Float64 tensor, in which finite differences have digits to lose",
                remedy));
        }
    }
}
